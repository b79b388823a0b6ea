import { describe, expect, test } from 'vitest'
import { exponential, seededRandom } from '../../../core/random.ts'
import {
  queueLatencies,
  sampleMean,
  sampleQuantile,
  stallQuantileS,
} from '../../../loadtest/calibration/known-truth.ts'

describe('queue latencies', () => {
  test.each([
    {
      what: 'nobody waits when arrivals are far apart',
      arrivals: [0, 10, 20],
      services: [3, 4, 5],
      places: 1,
      waits: [3, 4, 5],
    },
    {
      what: 'one place: each waits for those before',
      arrivals: [0, 1, 2],
      services: [5, 5, 5],
      places: 1,
      waits: [5, 9, 13],
    },
    {
      what: 'two places: the third waits for the first to leave',
      arrivals: [0, 1, 2],
      services: [5, 9, 1],
      places: 2,
      waits: [5, 9, 4],
    },
    {
      what: 'a place that is free is not waited for',
      arrivals: [0, 0, 6],
      services: [5, 20, 1],
      places: 2,
      waits: [5, 20, 1],
    },
  ])('$what', ({ arrivals, services, places, waits }) => {
    expect(queueLatencies(arrivals, services, places)).toEqual(waits)
  })

  test.each([0.3, 0.5, 0.7])('M/D/1 at load %d has the mean of Pollaczek and Khinchine', (load) => {
    const random = seededRandom(11)
    let at = 0
    const arrivals = Array.from({ length: 400_000 }, () => (at += exponential(random, 1 / load)))
    const mean = sampleMean(queueLatencies(arrivals, Array<number>(arrivals.length).fill(1), 1))
    expect(mean / (1 + load / (2 * (1 - load)))).toBeCloseTo(1, 1.5)
  })
})

test('sample quantiles are order statistics', () => {
  const sample = [5, 1, 4, 2, 3]
  expect([0, 0.2, 0.21, 0.5, 1].map((q) => sampleQuantile(sample, q))).toEqual([1, 1, 2, 3, 5])
})

test.each([
  { q: 0.99, stallS: 2, runS: 20, truthS: 1.8 },
  { q: 0.999, stallS: 2, runS: 20, truthS: 1.98 },
  { q: 0.5, stallS: 2, runS: 20, truthS: 0 },
])('a stall of $stallS s in $runS s: quantile $q is $truthS s', ({ q, stallS, runS, truthS }) => {
  expect(stallQuantileS(q, stallS, runS)).toBeCloseTo(truthS, 9)
  const latencies = Array.from({ length: 100_000 }, (_, i) => {
    const at = (i / 100_000) * runS
    return at >= 5 && at < 5 + stallS ? 5 + stallS - at : 0
  })
  expect(sampleQuantile(latencies, q)).toBeCloseTo(truthS, 2)
})
