import stdlibNormalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import stdlibTQuantile from '@stdlib/stats-base-dists-t-quantile'
import { expect, test } from 'vitest'
import { logGamma, regularisedBeta } from '../../../analysis/statistics/beta.ts'
import { normalCdf, normalQuantile } from '../../../analysis/statistics/normal.ts'
import { tCdf, tPower, tQuantile } from '../../../analysis/statistics/student.ts'

const PROBABILITIES = [
  1e-6, 1e-4, 0.00139, 0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.499, 0.5, 0.6, 0.8, 0.95, 0.975, 0.99944,
]
/** t, shift in standard errors, degrees of freedom, P(T > t). */
const NONCENTRAL: readonly (readonly [number, number, number, number])[] = [
  [2.2, 3, 7, 0.777020087484199],
  [3.9, 4.9, 7, 0.7882512506321311],
  [13.4, 15, 2, 0.7120009595667178],
  [2.0, 2.8, 99, 0.7872935200634965],
  [3, 1, 4, 0.0986786243167066],
]
const DEGREES = [1, 2, 3, 4, 4.7, 7, 9, 12.5, 19, 30, 99, 1000]

test('the t quantile agrees with @stdlib to ten digits, for whole and broken degrees of freedom', () => {
  for (const p of PROBABILITIES) {
    for (const df of DEGREES) closeTo(tQuantile(p, df), stdlibTQuantile(p, df), 1e-10)
  }
})

test('the normal quantile agrees with @stdlib to eleven digits, and with the values of SciPy 1.17 to fifteen', () => {
  for (const p of PROBABILITIES) {
    closeTo(normalQuantile(p), stdlibNormalQuantile(p, 0, 1), 1e-11)
  }
  closeTo(normalQuantile(1e-6), -4.753424308822899, 1e-15)
  closeTo(normalQuantile(1e-12), -7.034483825301131, 1e-15)
  closeTo(normalQuantile(1e-300), -37.0470962993612, 1e-15)
})

test('the t distribution function is the inverse of its quantile', () => {
  for (const p of PROBABILITIES) {
    for (const df of DEGREES) closeTo(tCdf(tQuantile(p, df), df), p, 1e-11)
  }
})

test('the t quantile meets its closed forms for one and two degrees of freedom', () => {
  for (const p of [0.6, 0.9, 0.975, 0.9995]) {
    closeTo(tQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 1e-11)
    closeTo(tQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 1e-11)
  }
})

test('quantiles are infinite at the ends and not a number outside', () => {
  for (const quantile of [normalQuantile, (p: number): number => tQuantile(p, 5)]) {
    expect([quantile(0), quantile(1), quantile(-0.1), quantile(1.1)]).toEqual([
      -Infinity,
      Infinity,
      Number.NaN,
      Number.NaN,
    ])
    expect(quantile(0.5)).toBe(0)
  }
  expect(tQuantile(0.9, 0)).toBeNaN()
  expect(tCdf(Infinity, 3)).toBe(1)
  expect(tCdf(-Infinity, 3)).toBe(0)
})

test('the normal distribution function is the inverse of its quantile', () => {
  for (const p of PROBABILITIES) closeTo(normalCdf(normalQuantile(p)), p, 1e-14)
  expect([normalCdf(-9), normalCdf(0), normalCdf(9)]).toEqual([0, 0.5, 1])
})

test('the power of a t test agrees with the noncentral t distribution of SciPy 1.17', () => {
  for (const [t, shift, df, power] of NONCENTRAL) closeTo(tPower(t, shift, df), power, 1e-5)
  closeTo(tPower(2.2, 0, 7), 1 - tCdf(2.2, 7), 1e-6)
})

test('ln Γ is the logarithm of factorials and of √π at a half', () => {
  closeTo(logGamma(11), Math.log(3_628_800), 1e-14)
  closeTo(logGamma(0.5), 0.5 * Math.log(Math.PI), 1e-14)
  closeTo(logGamma(171), 706.5730622457874, 1e-14)
})

test('the incomplete beta function meets its closed forms and its symmetry', () => {
  for (const x of [0.01, 0.3, 0.5, 0.9]) {
    closeTo(regularisedBeta(x, 1, 3), 1 - (1 - x) ** 3, 1e-13)
    closeTo(regularisedBeta(x, 4, 1), x ** 4, 1e-13)
    closeTo(regularisedBeta(x, 2.5, 7), 1 - regularisedBeta(1 - x, 7, 2.5), 1e-13)
  }
  expect([regularisedBeta(0, 2, 3), regularisedBeta(1, 2, 3)]).toEqual([0, 1])
})

function closeTo(got: number, wanted: number, relative: number): void {
  expect(Math.abs(got - wanted), `got ${got}, wanted ${wanted}`).toBeLessThanOrEqual(
    relative * Math.max(1, Math.abs(wanted)),
  )
}
