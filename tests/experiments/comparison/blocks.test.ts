import { describe, expect, test } from 'vitest'
import { hasEnoughBlocks } from '../../../experiments/comparison/blocks.ts'

const FULL = { kind: 'full', blocks: 8, maxBlocks: 16 } as const

describe('a workload has enough blocks', () => {
  test('when all that were planned are kept, with their latencies', () => {
    expect(hasEnoughBlocks({ kept: 8, whole: 8, last: 9 }, FULL)).toBe(true)
    expect(hasEnoughBlocks({ kept: 7, whole: 7, last: 9 }, FULL)).toBe(false)
  })

  test('not while latencies are missing, but at most a quarter more are measured for them', () => {
    expect(hasEnoughBlocks({ kept: 8, whole: 7, last: 8 }, FULL)).toBe(false)
    expect(hasEnoughBlocks({ kept: 9, whole: 8, last: 9 }, FULL)).toBe(true)
    expect(hasEnoughBlocks({ kept: 9, whole: 0, last: 9 }, FULL)).toBe(false)
    expect(hasEnoughBlocks({ kept: 10, whole: 0, last: 10 }, FULL)).toBe(true)
  })

  test('in a pilot without them, which decides nothing', () => {
    expect(hasEnoughBlocks({ kept: 4, whole: 1, last: 4 }, { kind: 'pilot', blocks: 4, maxBlocks: 5 })).toBe(true)
  })

  test('when no more may be begun', () => {
    expect(hasEnoughBlocks({ kept: 2, whole: 2, last: 16 }, FULL)).toBe(true)
  })
})
