import { describe, expect, test } from 'vitest'
import { seededRandom, standardNormal } from '../../core/random.ts'
import { batchMeans, isSteadyByWaves, steadyState } from '../../loadtest/steady-state.ts'

/** Rates per 100 ms: a shape over `bins` intervals with Gaussian noise of a relative size. */
function rates(bins: number, shape: (i: number) => number, noise: number, seed: number): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: bins }, (_, i) => Math.max(0, shape(i) * (1 + noise * standardNormal(random))))
}

/** Share of 200 seeded series of a kind that are called steady. */
function steadyShare(bins: number, shape: (i: number) => number, noise: number): number {
  const calls = Array.from({ length: 200 }, (_, seed) => steadyState(rates(bins, shape, noise, seed + 1)).steady)
  return calls.filter(Boolean).length / calls.length
}

const flat = (): number => 1000
/** Code that gets faster as it is compiled: the rate nears 1,000 with a time constant in intervals. */
const jit =
  (constant: number) =>
  (i: number): number =>
    1000 * (1 - 0.7 * Math.exp(-i / constant))

describe('steady state', () => {
  test.each([
    { what: 'a flat rate with 2 % noise', bins: 20, shape: flat, noise: 0.02 },
    { what: 'a flat rate with 15 % noise', bins: 30, shape: flat, noise: 0.15 },
    { what: 'a flat rate seen for long', bins: 100, shape: flat, noise: 0.05 },
    {
      what: 'a rate that was slow for its first three intervals',
      bins: 30,
      shape: (i: number) => (i < 3 ? 300 : 1000),
      noise: 0.02,
    },
    { what: 'code compiled within the first second, seen for six', bins: 60, shape: jit(4), noise: 0.02 },
  ])('$what is steady', ({ bins, shape, noise }) => {
    expect(steadyShare(bins, shape, noise)).toBeGreaterThan(0.9)
  })

  test.each([
    { what: 'a steady climb by half', bins: 30, shape: (i: number) => 1000 + (500 * i) / 30, noise: 0.02 },
    { what: 'code that is still being compiled', bins: 30, shape: jit(15), noise: 0.02 },
    { what: 'a rate that falls', bins: 40, shape: (i: number) => 1000 - 10 * i, noise: 0.02 },
    {
      what: 'a jump to twice the rate a moment ago',
      bins: 30,
      shape: (i: number) => (i < 22 ? 500 : 1000),
      noise: 0.02,
    },
    { what: 'nothing answered at all', bins: 40, shape: () => 0, noise: 0 },
  ])('$what is not steady', ({ bins, shape, noise }) => {
    expect(steadyShare(bins, shape, noise)).toBeLessThan(0.1)
  })

  test('the steady part begins where the slow start ends', () => {
    const { steady, from } = steadyState([100, 400, 700, ...Array<number>(27).fill(1000)])
    expect({ steady, from }).toEqual({ steady: true, from: 3 })
  })

  test('fewer than ten intervals are never enough', () => {
    expect(steadyState(Array<number>(9).fill(1000)).steady).toBe(false)
    expect(steadyState(Array<number>(10).fill(1000)).steady).toBe(true)
  })

  test('batches are aligned with the end of the series', () => {
    expect(batchMeans([9, 1, 2, 3, 4], 2)).toEqual([1.5, 3.5])
  })
})

describe('waves of a closed loop', () => {
  /** Ends of waves whose rates, in waves a second, follow a shape over time, with noise. */
  function waveEnds(seconds: number, shape: (atS: number) => number, noise: number, seed: number): number[] {
    const random = seededRandom(seed)
    const ends = [0]
    while ((ends.at(-1) as number) < seconds * 1000) {
      const atMs = ends.at(-1) as number
      ends.push(atMs + 1000 / Math.max(0.1, shape(atMs / 1000) * (1 + noise * standardNormal(random))))
    }
    return ends.slice(0, -1)
  }

  function share(seconds: number, shape: (atS: number) => number, noise: number = 0.1): number {
    const calls = Array.from({ length: 200 }, (_, seed) => isSteadyByWaves(waveEnds(seconds, shape, noise, seed + 1)))
    return calls.filter(Boolean).length / calls.length
  }

  test('a flat rate is steady after eight waves, and never before', () => {
    expect(share(2.4, () => 4)).toBeGreaterThan(0.6)
    expect(share(3, () => 4)).toBeGreaterThan(0.9)
    expect(share(1.8, () => 4)).toBe(0)
  })

  test('what was measured of 400 connections to two fresh processes is not steady after a second, but after four', () => {
    // Answers in the seconds of `cluster` under `io`: 1,576, 2,745, 4,994, 5,098, 4,953.
    const compiled = (atS: number): number => 12.5 * Math.min(1, 0.2 + 0.32 * atS)
    expect(share(1.2, compiled)).toBeLessThan(0.25)
    expect(share(4.5, compiled)).toBeGreaterThan(0.8)
  })

  test('a mix whose short requests are answered first is not steady after a second, but after three', () => {
    // Answers in the seconds of `worker-pool` under `mixed` with 64 connections: 494, 309, 269, 266.
    const mix = (atS: number): number => (atS < 1.3 ? 9 - 3.7 * atS : 4.2)
    expect(share(1, mix)).toBeLessThan(0.25)
    expect(share(4, mix)).toBeGreaterThan(0.8)
  })
})
