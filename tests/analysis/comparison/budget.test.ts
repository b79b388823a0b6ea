import { expect, test } from 'vitest'
import { IDLE_HOST_SD, resolutionOf } from '../../../analysis/comparison/budget.ts'

const CPU = { id: 'cpu', kind: 'cpu' } as const
const IO = { id: 'io', kind: 'io' } as const

test('more blocks and fewer comparisons resolve smaller differences, down to the thresholds', () => {
  const of = (blocks: number, models: number): number =>
    resolutionOf(blocks, models, [IO]).differences[0]?.difference ?? 0
  expect(of(20, 4)).toBeLessThan(of(8, 4))
  expect(of(8, 2)).toBeLessThan(of(8, 4))
  const steady = { ...IDLE_HOST_SD, cpu: { throughput: 0.0001 } }
  expect(resolutionOf(40, 2, [CPU], { blockSd: steady }).differences[0]?.difference).toBeCloseTo(0.03, 3)
})

test('work that waits varies more, so that only larger differences are detectable', () => {
  const [cpu, io] = resolutionOf(8, 4, [CPU, IO]).differences
  expect(cpu?.workload).toBe('cpu')
  expect(io?.difference).toBeGreaterThan(2 * (cpu?.difference ?? Number.NaN))
})

test('looks before the last one cost little of it', () => {
  const [alone, looked] = [{}, { looks: { from: 5, planned: 8 } }].map(
    (terms) => resolutionOf(8, 4, [IO], terms).differences[0]?.difference ?? 0,
  )
  expect(looked).toBeGreaterThan(alone ?? Number.NaN)
  expect(looked).toBeLessThan(1.06 * (alone ?? Number.NaN))
})

test('what can be resolved is said in a sentence for each metric and workload', () => {
  expect(resolutionOf(8, 4, [CPU, IO]).sentence).toMatch(
    /^8 blocks can detect differences in throughput from [\d.]+ % \(cpu\) and [\d.]+ % \(io\) on and in CPU time per request from [\d.]+ % \(cpu\) and [\d.]+ % \(io\) on with 80 % power, while other programs stay idle\.$/,
  )
  expect(resolutionOf(8, 1, [CPU]).sentence).toBe('With one model nothing is compared.')
})
