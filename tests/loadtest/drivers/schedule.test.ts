import { describe, expect, test } from 'vitest'
import type { OpenLoad } from '../../../core/load.ts'
import { planArrivals, shareOf } from '../../../loadtest/drivers/schedule.ts'

const MIX = [{ weight: 9 }, { weight: 1 }]

function load(more: Partial<OpenLoad> = {}): OpenLoad {
  return {
    kind: 'open',
    ratePerS: 500,
    arrivals: 'poisson',
    durationS: 20,
    timeoutS: 5,
    seed: 1,
    maxConnections: 100,
    ...more,
  }
}

function gapsOf(instants: Float64Array): number[] {
  return [...instants].map((at, i) => at - (i === 0 ? 0 : (instants[i - 1] ?? 0)))
}

/**
 * Anderson-Darling statistic of gaps against the exponential distribution whose mean is known. At a significance of 1 %
 * the critical value is 3.857 (Marsaglia & Marsaglia 2004, fully specified distribution).
 */
function andersonDarling(gaps: readonly number[], mean: number): number {
  const sorted = [...gaps].sort((a, b) => a - b)
  const n = sorted.length
  const sum = sorted.reduce((total, gap, i) => {
    const mirrored = sorted[n - 1 - i] ?? 0
    return total + (2 * i + 1) * (Math.log(-Math.expm1(-gap / mean)) - mirrored / mean)
  }, 0)
  return -n - sum / n
}

describe('Poisson arrivals', () => {
  test('gaps are exponential: few of 100 seeds fail a test at the 1 % level', () => {
    const failures = Array.from({ length: 100 }, (_, seed) => {
      const { instantsMs } = planArrivals(load({ seed, durationS: 4 }), MIX)
      return andersonDarling(gapsOf(instantsMs), 2) > 3.857
    }).filter(Boolean).length
    expect(failures).toBeLessThanOrEqual(4)
  })

  test('the test would notice arrivals that are bunched or even', () => {
    const even = gapsOf(planArrivals(load({ arrivals: 'constant' }), MIX).instantsMs)
    const bunched = Array.from({ length: 2000 }, (_, i) => (i % 10 === 0 ? 20 : 0.01))
    expect(andersonDarling(even, 2)).toBeGreaterThan(100)
    expect(andersonDarling(bunched, 2.009)).toBeGreaterThan(100)
  })

  test('counts vary like a Poisson number, and neighbouring gaps do not depend on each other', () => {
    const plans = Array.from({ length: 200 }, (_, seed) => planArrivals(load({ seed, durationS: 2 }), MIX).instantsMs)
    const counts = plans.map(({ length }) => length)
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1)
    expect(Math.abs(mean - 1000)).toBeLessThan(10)
    expect(variance / mean).toBeGreaterThan(0.75)
    expect(variance / mean).toBeLessThan(1.3)
    const gaps = gapsOf(planArrivals(load({ durationS: 100 }), MIX).instantsMs).map((gap) => gap - 2)
    const product = gaps.slice(1).reduce((sum, gap, i) => sum + gap * (gaps[i] ?? 0), 0) / gaps.length
    expect(Math.abs(product / 4)).toBeLessThan(0.02)
  })
})

describe('a schedule', () => {
  test.each([
    { what: 'one a second', ratePerS: 1, durationS: 3, instants: [500, 1500, 2500] },
    {
      what: 'four a second after a warm-up',
      ratePerS: 4,
      durationS: 0.5,
      warmupS: 0.5,
      instants: [125, 375, 625, 875],
    },
    { what: 'a rate with a fraction', ratePerS: 2.5, durationS: 1, instants: [200, 600] },
  ])('constant arrivals: $what', ({ instants, ratePerS, durationS, warmupS = 0 }) => {
    const plan = planArrivals(load({ arrivals: 'constant', ratePerS, durationS, warmupS }), MIX)
    expect([...plan.instantsMs]).toEqual(instants)
    expect(plan.endMs).toBe((warmupS + durationS) * 1000)
    expect(plan.countedFromMs).toBe(warmupS * 1000)
  })

  test('is the same for the same seed, and another for another', () => {
    expect(planArrivals(load(), MIX)).toEqual(planArrivals(load(), MIX))
    expect(planArrivals(load({ seed: 2 }), MIX).instantsMs).not.toEqual(planArrivals(load(), MIX).instantsMs)
  })

  test('holds the mix', () => {
    const { requests } = planArrivals(load(), MIX)
    expect(requests.filter((index) => index === 1).length / requests.length).toBeCloseTo(0.1, 2)
  })

  test.each([{ of: 1 }, { of: 2 }, { of: 3 }])('shared by $of processes, the parts are the whole', ({ of }) => {
    const whole = planArrivals(load({ durationS: 2 }), MIX)
    const parts = Array.from({ length: of }, (_, index) => shareOf(whole, { index, of }, 1))
    const together = parts
      .flatMap(({ instantsMs, requests }) => [...instantsMs].map((at, i) => [at, requests[i]] as const))
      .sort((a, b) => a[0] - b[0])
    expect(together).toEqual([...whole.instantsMs].map((at, i) => [at, whole.requests[i]]))
  })

  test('a share is a Poisson process of its part of the rate, and is dealt by the seed', () => {
    const whole = planArrivals(load({ ratePerS: 2000 }), MIX)
    const [first, second] = [0, 1].map((index) => shareOf(whole, { index, of: 4 }, 1))
    expect(andersonDarling(gapsOf(first?.instantsMs ?? new Float64Array()), 2)).toBeLessThan(3.857)
    expect((first?.instantsMs.length ?? 0) / (second?.instantsMs.length ?? 1)).toBeCloseTo(1, 1)
    expect(shareOf(whole, { index: 0, of: 4 }, 2).numbers).not.toEqual(first?.numbers)
  })

  test('arrivals of shares that begin apart are still a Poisson process, which every third would not be', () => {
    const whole = planArrivals(load({ ratePerS: 500 }), MIX)
    const apart = (parts: readonly Float64Array[]): number => {
      const sent = Float64Array.from(parts.flatMap((part, i) => [...part].map((at) => at + 20 * i))).sort()
      return andersonDarling(gapsOf(sent.filter((at) => at > 40)).slice(1), 2)
    }
    const dealt = [0, 1, 2].map((index) => shareOf(whole, { index, of: 3 }, 1).instantsMs)
    const inTurn = [0, 1, 2].map((index) => whole.instantsMs.filter((_, i) => i % 3 === index))
    expect(apart(dealt)).toBeLessThan(3.857)
    expect(apart(inTurn)).toBeGreaterThan(apart(dealt))
  })
})
