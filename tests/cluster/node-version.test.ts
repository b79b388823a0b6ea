import { expect, test } from 'vitest'
import { needNode, type NodeVersion } from '../../cluster/node-version.ts'

const REUSE_PORT: readonly NodeVersion[] = [
  [22, 12],
  [23, 1],
]

test.each([
  [[20, 20], false],
  [[22, 11], false],
  [[22, 12], true],
  [[23, 0], false],
  [[23, 1], true],
  [[24, 0], true],
] as const)('Node %j has what came with 22.12 and 23.1: %s', ([major, minor], has) => {
  const needs = needNode({ nodePath: 'node', nodeVersion: [major, minor, 0], platform: 'linux' }, REUSE_PORT)
  expect(needs.length === 0).toBe(has)
  if (!has) {
    expect(needs[0]?.what).toBe(`Node 22.12 or 23.1 or newer (this is ${major}.${minor})`)
    expect(needs[0]?.remedy).toMatch(/forkwise setup.*--node/)
  }
})
