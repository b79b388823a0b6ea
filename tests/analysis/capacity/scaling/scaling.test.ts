import { describe, expect, test } from 'vitest'
import { scalingOf } from '../../../../analysis/capacity/scaling/scaling.ts'
import { KNOWN, measureKnown } from '../synthetic-measurement.ts'

const MEASURED = measureKnown({ ...KNOWN, sigma: 0.05 }, { workers: [1, 2, 3, 4], blocks: 6, requests: 2000, seed: 2 })

describe('scaling', () => {
  const scaling = scalingOf(MEASURED, 250)

  test('each count has its throughput with an interval, its speedup and its efficiency', () => {
    expect(scaling.points.map(({ workers }) => workers)).toEqual([1, 2, 3, 4])
    const [, two] = scaling.points
    // 2 workers of 5 ms each with 5 % contention: 2 / (5 ms × 1.05) = 381/s.
    expect(two?.throughputPerS.low).toBeLessThan(381)
    expect(two?.throughputPerS.high).toBeGreaterThan(381)
    expect(two?.speedup).toBeCloseTo(2 / 1.05, 1)
    expect(two?.efficiency).toBeCloseTo((two?.throughputPerS.estimate ?? 0) / 500, 9)
  })

  test('the law has the contention that is in the data', () => {
    expect(scaling.usl?.sigma?.low).toBeLessThan(0.05)
    expect(scaling.usl?.sigma?.high).toBeGreaterThan(0.05)
    expect(scaling.uslMissing).toBeNull()
  })

  test('the fewest within 5 % of the best', () => {
    const flat = {
      ...MEASURED,
      saturations: MEASURED.saturations.map((saturation) => ({
        ...saturation,
        throughputPerS: [0, 100, 196, 204, 200][saturation.workers] ?? 0,
      })),
    }
    expect(scalingOf(flat, null)).toMatchObject({ best: 3, least: 2 })
  })

  test('three counts give no law, and say so', () => {
    const three = { ...MEASURED, saturations: MEASURED.saturations.filter(({ workers }) => workers < 4) }
    expect(scalingOf(three, null)).toMatchObject({
      usl: null,
      uslMissing: 'a scaling law needs four worker counts, 3 were measured',
    })
  })

  test('disturbed slices are left out while there are others, and counted', () => {
    const spoilt = {
      ...MEASURED,
      saturations: MEASURED.saturations.map((saturation) =>
        saturation.block === 0 ? { ...saturation, throughputPerS: 1, disturbed: ['noise'] } : saturation,
      ),
    }
    const left = scalingOf(spoilt, null)
    expect(left).toMatchObject({ disturbedSlices: 4, slices: 24, blocks: 5 })
    expect(left.points[0]?.throughputPerS.estimate).toBeGreaterThan(150)
    const all = {
      ...MEASURED,
      saturations: MEASURED.saturations.map((saturation) => ({ ...saturation, disturbed: ['noise'] })),
    }
    expect(scalingOf(all, null)).toMatchObject({ disturbedSlices: 24, blocks: 6 })
  })
})
