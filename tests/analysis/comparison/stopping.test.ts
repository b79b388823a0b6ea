import { describe, expect, test } from 'vitest'
import { isNarrowEnough, shouldStop } from '../../../analysis/comparison/stopping.ts'
import { logMean } from '../../../analysis/statistics/interval.ts'
import { seededRandom, standardNormal } from '../../../core/random.ts'
import { type MadeUpRun, madeUpRun } from '../made-up-run.ts'

describe('one interval', () => {
  const values = (count: number, sd: number, centre = 0): number[] =>
    Array.from({ length: count }, (_, i) => centre + (i % 2 === 0 ? sd : -sd))

  test('is narrow enough from 8 blocks on, when no wider than the threshold', () => {
    expect(isNarrowEnough('throughput', logMean(values(8, 0.01)), 1)).toBe(true)
    expect(isNarrowEnough('throughput', logMean(values(8, 0.05)), 1)).toBe(false)
    expect(isNarrowEnough('throughput', logMean(values(7, 0.001)), 1)).toBe(false)
    expect(isNarrowEnough('latency-p99', logMean(values(8, 0.05)), 1)).toBe(true)
  })

  test('is judged by its width alone: where it lies changes nothing', () => {
    for (const centre of [0, 0.029, 0.5]) {
      expect(isNarrowEnough('throughput', logMean(values(10, 0.02, centre)), 1)).toBe(true)
      expect(isNarrowEnough('throughput', logMean(values(10, 0.2, centre)), 1)).toBe(false)
    }
  })
})

describe('a run', () => {
  test('stops when every interval is narrow, and says so', () => {
    expect(shouldStop(runOf(10, 0.005))).toEqual({
      stop: true,
      because: 'All 4 intervals are narrower than the differences that count.',
    })
  })

  test('goes on while one is wide, and names it with its width and goal', () => {
    const decision = shouldStop(runOf(10, 0.05))
    expect(decision.stop).toBe(false)
    expect(decision.because).toMatch(
      /intervals still too wide, e\.g\. throughput of b under cpu: ±\d+\.\d %, goal ±3 %\.$/,
    )
  })

  test('goes on before 8 blocks, in a pilot, and with nothing measured', () => {
    expect(shouldStop(runOf(7, 0.001)).because).toBe('7 blocks of at least 8 for b under cpu.')
    expect(shouldStop(runOf(10, 0.001, 'pilot')).stop).toBe(false)
    expect(shouldStop({ ...runOf(10, 0.001), trials: [], blocks: [] }).stop).toBe(false)
  })

  test('can be asked about one workload alone', () => {
    const run = runOf(10, 0.005)
    const trials = run.trials.map((trial) =>
      trial.workload === 'io' && trial.block % 2 === 0
        ? { ...trial, saturation: { ...trial.saturation, cpuMsPerRequest: trial.position === 0 ? 10 : 30 } }
        : trial,
    )
    expect(shouldStop({ ...run, trials }).stop).toBe(false)
    expect(shouldStop({ ...run, trials }, ['cpu']).stop).toBe(true)
  })

  test('never stops on blocks that were dropped', () => {
    const run = runOf(10, 0.001)
    const blocks = run.blocks.map((block) => ({ ...block, kept: false }))
    expect(shouldStop({ ...run, blocks })).toEqual({ stop: false, because: 'No block of cpu was kept so far.' })
  })
})

function runOf(blocks: number, sd: number, kind: 'full' | 'pilot' = 'full'): MadeUpRun {
  const random = seededRandom(4)
  return madeUpRun({ kind, models: ['a', 'b'], workloads: ['cpu', 'io'], blocks, latencyS: 0 }, () => ({
    throughput: 100 * Math.exp(standardNormal(random) * sd),
    cpuMs: 10 * Math.exp(standardNormal(random) * sd),
  }))
}
