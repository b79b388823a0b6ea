import { describe, expect, test } from 'vitest'
import {
  slowdownOf,
  throughputOf,
  type UslCurve,
  type UslPoint,
} from '../../../../analysis/capacity/scaling/usl-curve.ts'
import { fitUsl, peakOf, predictThroughput } from '../../../../analysis/capacity/scaling/usl.ts'
import { ForkwiseError } from '../../../../core/errors.ts'
import { seededRandom, standardNormal, type Random } from '../../../../core/random.ts'
import { UNBOUNDED } from '../../../../core/records.ts'

/** Cisco benchmark of Baron Schwartz, Practical Scalability Analysis with the USL; the data in usl4j's tests. */
const CISCO = [
  955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
  9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41,
  12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
].map((throughputPerS, index) => ({ workers: index + 1, throughputPerS }))

/** Data sets of the R package usl. */
const SPECSDM91 = points([1, 64.9], [18, 995.9], [36, 1652.4], [72, 1853.2], [108, 1828.9], [144, 1775], [216, 1702.2])
const RAYTRACER = points(
  [1, 20],
  [4, 78],
  [8, 130],
  [12, 170],
  [16, 190],
  [20, 200],
  [24, 210],
  [28, 230],
  [32, 260],
  [48, 280],
  [64, 310],
)

/** Made by the package's author from σ = κ = 0.02. */
const R_TEST = points([1, 1], [2, 1.8868], [4, 3.0769], [6, 3.5294], [8, 3.5398], [10, 3.3557])

describe('published data sets, within 0.1 % of their published coefficients', () => {
  test.each([
    ['Cisco, book and usl4j (R nls)', CISCO, 'nonlinear', 995.6486, 0.02671591, 7.690945e-4],
    ['specsdm91, R usl 2 (nlxb)', SPECSDM91, 'nonlinear', 89.995233, 0.0277285, 0.0001044],
    ['raytracer, R usl 2 (nlxb)', RAYTRACER, 'nonlinear', 21.848843, 0.057771, 0],
    ['specsdm91, R usl 1 (default)', SPECSDM91, 'through-first', 64.9, 1.704689e-2, 7.892498e-5],
    ['raytracer, R usl 1 (default)', RAYTRACER, 'through-first', 20, 5.002e-2, 4.708e-6],
  ] as const)('%s', (_, data, method, gammaPerS, sigma, kappa) => {
    const { curve } = fitUsl([data], method)
    expect(Math.abs(curve.gammaPerS / gammaPerS - 1)).toBeLessThan(0.001)
    expect(Math.abs(curve.sigma / sigma - 1)).toBeLessThan(0.001)
    if (kappa === 0) expect(curve.kappa).toBe(0)
    else expect(Math.abs(curve.kappa / kappa - 1)).toBeLessThan(0.001)
  })

  test('the peak of the Cisco fit is the book’s: 35 workers, 12,341/s', () => {
    const { peak } = fitUsl([CISCO], 'nonlinear')
    expect(Math.floor(peak?.workers ?? 0)).toBe(35)
    expect(Math.abs((peak?.throughputPerS ?? 0) / 12341 - 1)).toBeLessThan(0.001)
  })

  test.each(['linear', 'nonlinear', 'through-first'] as const)('σ = κ = 0.02 come back by the %s fit', (method) => {
    const { curve } = fitUsl([R_TEST], method)
    expect(curve.sigma).toBeCloseTo(0.02, 4)
    expect(curve.kappa).toBeCloseTo(0.02, 4)
    expect(curve.gammaPerS).toBeCloseTo(1, 4)
  })
})

const TRUTH: UslCurve = { gammaPerS: 500, sigma: 0.05, kappa: 0.004 }

describe('synthetic data', () => {
  test('without noise every method finds the truth to many digits', () => {
    for (const method of ['linear', 'nonlinear', 'through-first'] as const) {
      const { curve, peak } = fitUsl([exact(TRUTH, 8)], method)
      expect(curve.sigma).toBeCloseTo(TRUTH.sigma, 9)
      expect(curve.kappa).toBeCloseTo(TRUTH.kappa, 9)
      expect(peak?.workers).toBeCloseTo(Math.sqrt(0.95 / 0.004), 6)
    }
  })

  test('with 2 % noise the 95 % intervals hold σ and κ in 93–97 % of 1,000 runs, in 5 and in 10 blocks', () => {
    const random = seededRandom(17)
    for (const blocks of [5, 10]) {
      const held = { sigma: 0, kappa: 0, peak: 0 }
      const runs = 1000
      for (let run = 0; run < runs; run++) {
        const fit = fitUsl(Array.from({ length: blocks }, () => noisy(TRUTH, 8, 0.02, random)))
        if (within(TRUTH.sigma, fit.sigma)) held.sigma++
        if (within(TRUTH.kappa, fit.kappa)) held.kappa++
        if (within(peakOf(TRUTH)?.workers ?? 0, fit.peakWorkers)) held.peak++
      }
      for (const share of [held.sigma / runs, held.kappa / runs]) {
        expect(share).toBeGreaterThanOrEqual(0.93)
        expect(share).toBeLessThanOrEqual(0.97)
      }
      expect(held.peak / runs).toBeGreaterThanOrEqual(0.93)
    }
  })

  test('coefficients are never negative, and the interval of one at the bound holds 0', () => {
    const random = seededRandom(3)
    let atBound = 0
    for (let run = 0; run < 200; run++) {
      const fit = fitUsl(
        Array.from({ length: 5 }, () => noisy({ gammaPerS: 100, sigma: 0.02, kappa: 0 }, 6, 0.02, random)),
      )
      expect(fit.curve.sigma).toBeGreaterThanOrEqual(0)
      expect(fit.curve.kappa).toBeGreaterThanOrEqual(0)
      if (fit.curve.kappa > 0) continue
      atBound++
      expect(fit.kappa?.low).toBe(0)
      expect(fit.peak).toBeNull()
      expect(fit.peakWorkers?.high).toBe(UNBOUNDED)
    }
    expect(atBound).toBeGreaterThan(50)
  })

  test('throughput up to twice the largest count is predicted with an interval that holds it', () => {
    const random = seededRandom(23)
    let held = 0
    for (let run = 0; run < 300; run++) {
      const fit = fitUsl(Array.from({ length: 8 }, () => noisy(TRUTH, 8, 0.02, random)))
      const prediction = predictThroughput(fit, 12)
      if ('refused' in prediction) throw new Error(prediction.refused)
      expect(prediction.extrapolated).toBe(true)
      if (within(throughputOf(TRUTH, 12), prediction.throughputPerS)) held++
    }
    expect(held / 300).toBeGreaterThan(0.92)
  })
})

describe('refusals', () => {
  test('more than twice the largest measured count is refused, with what to measure', () => {
    const fit = fitUsl([exact(TRUTH, 4)])
    expect(predictThroughput(fit, 8)).toMatchObject({ extrapolated: true })
    expect(predictThroughput(fit, 9)).toEqual({
      refused: '9 workers are more than twice the 4 that were measured; measure at least 5.',
    })
  })

  test('fewer than four worker counts are refused, however many blocks there are', () => {
    const blocks = Array.from({ length: 6 }, () => exact(TRUTH, 3))
    expect(() => fitUsl(blocks)).toThrow(ForkwiseError)
    expect(() => fitUsl(blocks)).toThrow('got 3 (1, 2, 3)')
    expect(() => fitUsl([])).toThrow('got 0 (none)')
  })

  test('fewer than three blocks give no interval', () => {
    const fit = fitUsl([exact(TRUTH, 4), exact(TRUTH, 4)])
    expect(fit.sigma).toBeNull()
    expect(fit.peakWorkers).toBeNull()
    expect(predictThroughput(fit, 6)).toMatchObject({ throughputPerS: { low: 0, high: UNBOUNDED } })
  })
})

test('a slowdown of 1 at one worker, and the cost of contention and coherency beyond', () => {
  expect(slowdownOf(TRUTH, 1)).toBe(1)
  expect(slowdownOf(TRUTH, 3)).toBeCloseTo(1 + 0.1 + 0.024, 12)
})

function points(...rows: readonly (readonly number[])[]): UslPoint[] {
  return rows.map(([workers = 0, throughputPerS = 0]) => ({ workers, throughputPerS }))
}

function exact(curve: UslCurve, most: number): UslPoint[] {
  return Array.from({ length: most }, (_, index) => ({
    workers: index + 1,
    throughputPerS: throughputOf(curve, index + 1),
  }))
}

function noisy(curve: UslCurve, most: number, noise: number, random: Random): UslPoint[] {
  return exact(curve, most).map(({ workers, throughputPerS }) => ({
    workers,
    throughputPerS: throughputPerS * Math.exp(noise * standardNormal(random)),
  }))
}

function within(value: number, interval: { low: number; high: number } | null): boolean {
  return interval !== null && value >= interval.low && value <= interval.high
}
