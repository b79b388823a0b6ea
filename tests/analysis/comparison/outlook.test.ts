import { expect, test } from 'vitest'
import { outlookOf } from '../../../analysis/comparison/outlook.ts'
import type { Comparison } from '../../../analysis/comparison/verdict.ts'
import { logMean } from '../../../analysis/statistics/interval.ts'

const COMPARISON: Comparison = { workload: 'cpu', metric: 'throughput', baseline: 'a', candidate: 'b' }
const RULES = { kind: 'full', family: 9, droppedBlocks: 0, looks: { from: 5, planned: 8, isLast: false } } as const

/** So many blocks around a log-ratio with that scatter. */
function values(blocks: number, sd: number, centre: number): readonly number[] {
  return Array.from({ length: blocks }, (_, i) => centre + sd * ([-1, 1, 0, 0.5, -0.5][i % 5] ?? 0))
}

function outlook(
  logs: readonly number[],
  samplesAbove: number | null = null,
  more: Partial<Parameters<typeof outlookOf>[2]> = {},
): ReturnType<typeof outlookOf> {
  return outlookOf(COMPARISON, { ratio: logMean(logs), samplesAbove }, { ...RULES, ...more })
}

test('a difference that is clear for so few blocks is called, and so is equality', () => {
  expect(outlook(values(5, 0.01, Math.log(1.8)))).toBe('called')
  expect(outlook(values(5, 0.001, 0))).toBe('called')
})

test('nothing is called before the first look, however clear', () => {
  expect(outlook(values(4, 0.001, Math.log(1.8)))).toBe('open')
})

test('what more blocks may show is open; what they cannot is closed', () => {
  expect(outlook(values(6, 0.03, 0.06))).toBe('open')
  expect(outlook(values(6, 0.4, 0.06))).toBe('closed')
})

test('a difference that is real but lies at the threshold is not given up while it may fall on either side', () => {
  expect(outlook(values(8, 0.005, Math.log(1.03) + 0.001))).not.toBe('closed')
})

test('a quantile is closed when no allowed number of blocks would have its samples', () => {
  const clear = values(6, 0.01, Math.log(1.8))
  expect(outlook(clear, 49, { withheld: 'too few samples' })).toBe('closed')
  expect(outlook(clear, 51, { withheld: 'too few samples' })).toBe('open')
})

test('where equality would say nothing, only a difference keeps a comparison open', () => {
  const logs = values(6, 0.012, 0.001)
  expect(outlook(logs)).not.toBe('closed')
  expect(outlook(logs, null, { notSame: 'the generator was the limit' })).toBe('closed')
})

test('a control that differed leaves everything open', () => {
  expect(outlook(values(7, 0.01, Math.log(1.8)), null, { withheld: 'the control differed' })).toBe('open')
})
