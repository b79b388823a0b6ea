import { expect, test } from 'vitest'
import { LEAST_SAMPLES_ABOVE } from '../../../analysis/comparison/evidence.ts'
import type { SliceSeconds } from '../../../core/records.ts'
import { dealSliceSeconds } from '../../../experiments/comparison/slice-lengths.ts'

const PACES = [
  { workload: 'cpu', ratePerS: 96, waveS: 0.1 },
  { workload: 'io', ratePerS: 1400, waveS: 0.5 },
  { workload: 'mixed', ratePerS: 103, waveS: 0.38 },
] as const

function dealt(latencyS: number, blocks: number, saturationS: number = 0.9): Record<string, SliceSeconds> {
  return dealSliceSeconds({ latencyS, blocks, saturationS }, PACES)
}

/** Answers above a quantile in all blocks of a model, by workload. */
function above(quantile: number, blocks: number, seconds: Record<string, SliceSeconds>): number[] {
  return PACES.map(({ workload, ratePerS }) => (1 - quantile) * blocks * ratePerS * (seconds[workload]?.latencyS ?? 0))
}

test('latency slices are long where it decides: a slow workload gets what a fast one does not need', () => {
  const seconds = dealt(2, 8)
  expect(Math.min(...above(0.95, 8, seconds))).toBeGreaterThanOrEqual(LEAST_SAMPLES_ABOVE)
  expect(seconds['io']?.latencyS).toBeLessThan(2)
  const equal = { saturationS: 0.9, latencyS: 2 }
  expect(Math.min(...above(0.95, 8, { cpu: equal, io: equal, mixed: equal }))).toBeLessThan(LEAST_SAMPLES_ABOVE)
})

test('slices at saturation are long where answers come in long waves', () => {
  const { cpu, io, mixed } = dealt(2, 8, 1.1)
  expect(io?.saturationS).toBeGreaterThanOrEqual(3 * 0.5)
  expect(mixed?.saturationS).toBeGreaterThanOrEqual(3 * 0.38)
  expect(cpu?.saturationS).toBeLessThan(0.9)
})

test('the whole is what was planned', () => {
  for (const latencyS of [0.45, 0.7, 2, 4, 9]) {
    const seconds = Object.values(dealt(latencyS, 8))
    const total = (length: keyof SliceSeconds): number => seconds.reduce((sum, each) => sum + each[length], 0)
    expect(total('latencyS')).toBeCloseTo(3 * latencyS, 1)
    expect(total('saturationS')).toBeCloseTo(3 * 0.9, 1)
  }
})

test('where time is short every workload has its median before one has its p95', () => {
  expect(Math.min(...above(0.5, 4, dealt(0.45, 4)))).toBeGreaterThanOrEqual(LEAST_SAMPLES_ABOVE)
})

test('what is out of reach takes nothing from the others, and no slice is without end', () => {
  const seconds = dealSliceSeconds({ latencyS: 1, saturationS: 0.9, blocks: 8 }, [
    { workload: 'slow', ratePerS: 0.5, waveS: 20 },
    PACES[1],
  ])
  expect(0.01 * 8 * 1400 * (seconds['io']?.latencyS ?? 0)).toBeGreaterThanOrEqual(LEAST_SAMPLES_ABOVE)
  expect(seconds['slow']).toEqual({ latencyS: expect.any(Number), saturationS: 0.9 })
  expect(seconds['slow']?.latencyS).toBeGreaterThanOrEqual(0.25)
  expect(Object.values(dealt(40, 8, 40)).map(({ latencyS, saturationS }) => [latencyS, saturationS])).toEqual([
    [10, 10],
    [10, 10],
    [10, 10],
  ])
})

test('one workload has all the time; without a rate, or without latency slices in the plan, there are none', () => {
  const plan = { latencyS: 0.7, saturationS: 0.9, blocks: 8 }
  expect(dealSliceSeconds(plan, [PACES[0]])).toEqual({ cpu: { saturationS: 0.9, latencyS: 0.7 } })
  expect(dealSliceSeconds(plan, [{ ...PACES[0], ratePerS: 0 }, PACES[1]])).toMatchObject({
    cpu: { latencyS: 0 },
    io: { latencyS: 0.7 },
  })
  expect(dealSliceSeconds({ ...plan, latencyS: 0 }, PACES)).toMatchObject({ cpu: { latencyS: 0 }, io: { latencyS: 0 } })
})
