import { expect, test } from 'vitest'
import { hodgesLehmann, signedRankCdf, walshAverages } from '../../../analysis/statistics/signed-rank.ts'

/** Hamilton depression scores before and after a tranquiliser (Hollander & Wolfe, table 3.1): after − before. */
const DEPRESSION = [
  0.878 - 1.83,
  0.647 - 0.5,
  0.598 - 1.62,
  2.05 - 2.48,
  1.06 - 1.68,
  1.29 - 1.88,
  1.06 - 1.55,
  3.14 - 3.06,
  1.29 - 1.3,
]

test('the estimate and interval of a published example', () => {
  const { centre, interval } = hodgesLehmann(DEPRESSION)
  const { low, high } = interval(0.95)
  expect(centre).toBeCloseTo(-0.46, 3)
  expect(low).toBeCloseTo(-0.786, 3)
  expect(high).toBeCloseTo(-0.01, 3)
})

test('the signed-rank distribution is what counting all choices of signs gives', () => {
  for (const n of [1, 4, 9]) {
    const sums = Array.from({ length: 2 ** n }, (_, signs) =>
      Array.from({ length: n }, (_, rank) => ((signs >> rank) & 1 ? rank + 1 : 0)).reduce((sum, x) => sum + x, 0),
    )
    for (let k = -1; k <= (n * (n + 1)) / 2; k++) {
      expect(signedRankCdf(k, n)).toBeCloseTo(sums.filter((sum) => sum <= k).length / 2 ** n, 12)
    }
  }
})

test('Walsh averages are all pairs and every value itself, ascending', () => {
  expect([...walshAverages([3, 1, 2])]).toEqual([1, 1.5, 2, 2, 2.5, 3])
})

test('the interval is the widest that the values can give, and unbounded where they are too few', () => {
  const [five, six] = [
    [2, 3, 4, 5, 6],
    [1, 2, 3, 4, 5, 6],
  ].map(hodgesLehmann)
  expect(six?.centre).toBe(3.5)
  expect(six?.interval(0.95)).toEqual({ low: 1, high: 6 })
  expect(five?.interval(0.95)).toEqual({ low: -Infinity, high: Infinity })
  expect(five?.interval(0.9)).toEqual({ low: 2, high: 6 })
})

test('one value far from the rest does not move the estimate', () => {
  expect(hodgesLehmann([1, 2, 3, 4, 5, 6, 7, 1000]).centre).toBeLessThan(6)
})
