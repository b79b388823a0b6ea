import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildHash } from '../../agents/build.ts'

const root = mkdtempSync(join(tmpdir(), 'forkwise-build-'))
afterAll(() => rmSync(root, { recursive: true }))

test('a build is known by every program that makes a load, and by nothing else', () => {
  for (const folder of ['core', 'loadtest/drivers', 'agents', 'report'])
    mkdirSync(join(root, folder), { recursive: true })
  const write = (file: string, text: string): string => {
    writeFileSync(join(root, file), text)
    return buildHash(root)
  }
  const first = write('loadtest/drivers/open-loop.js', 'a')
  expect(first).toMatch(/^[0-9a-f]{16}$/)
  expect(write('report/text.js', 'a')).toBe(first)
  expect(write('loadtest/drivers/open-loop.d.ts', 'a')).toBe(first)
  const hashes = [
    first,
    write('loadtest/drivers/open-loop.js', 'b'),
    write('core/load.js', 'b'),
    write('agents/agent.js', 'b'),
    write('agents/fleet.js', 'b'),
  ]
  expect(new Set(hashes).size).toBe(hashes.length)
  expect(write('loadtest/drivers/open-loop.js', 'b')).toBe(hashes.at(-1))
})
