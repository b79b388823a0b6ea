import { expect, test } from 'vitest'
import { fitDemand, littleInFlight, utilisation } from '../../../../analysis/capacity/scaling/demand.ts'
import { seededRandom, standardNormal } from '../../../../core/random.ts'

test('the slope is the demand, and what an idle server uses is left out of it', () => {
  const fit = fitDemand([100, 200, 400].map((ratePerS) => ({ ratePerS, cpuCores: 0.05 + 0.004 * ratePerS })))
  expect(fit.demandS.estimate).toBeCloseTo(0.004, 12)
  expect(fit.idleCores.estimate).toBeCloseTo(0.05, 12)
  expect(fit.r2).toBeCloseTo(1, 12)
})

test('with 3 % noise the 95 % interval holds the demand in 93–97 % of 2,000 runs', () => {
  const random = seededRandom(8)
  let held = 0
  for (let run = 0; run < 2000; run++) {
    const points = [50, 100, 150, 200, 50, 100, 150, 200].map((ratePerS) => ({
      ratePerS,
      cpuCores: 0.02 + 0.004 * ratePerS + 0.012 * standardNormal(random),
    }))
    const { demandS } = fitDemand(points)
    if (demandS.low <= 0.004 && demandS.high >= 0.004) held++
  }
  expect(held / 2000).toBeGreaterThanOrEqual(0.93)
  expect(held / 2000).toBeLessThanOrEqual(0.97)
})

test('fewer than three rates are refused, however many points', () => {
  const points = [100, 100, 200, 200].map((ratePerS) => ({ ratePerS, cpuCores: ratePerS / 100 }))
  expect(() => fitDemand(points)).toThrow('got 2')
})

test('the laws', () => {
  expect(utilisation(900, 0.004, 6)).toBeCloseTo(0.6, 12)
  expect(littleInFlight(900, 0.05)).toBeCloseTo(45, 12)
})
