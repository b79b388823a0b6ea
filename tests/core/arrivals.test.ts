import { describe, expect, test } from 'vitest'
import { fitExponential, littleGap } from '../../core/arrivals.ts'
import { exponential, seededRandom } from '../../core/random.ts'

describe('the exponential fit', () => {
  const random = seededRandom(3)
  const rejected = (gaps: () => number[], level: '5%' | '1%'): number =>
    Array.from({ length: 2000 }, () => fitExponential(gaps(), level)).filter(({ passes }) => !passes).length / 2000
  const poisson = (): number[] => Array.from({ length: 300 }, () => exponential(random, 5))

  test('rejects true Poisson arrivals as often as its level says', () => {
    const share = rejected(poisson, '5%')
    expect(share).toBeGreaterThan(0.035)
    expect(share).toBeLessThan(0.065)
    expect(rejected(poisson, '1%')).toBeLessThan(0.02)
  })

  test('rejects constant, uniform and bursty arrivals', () => {
    expect(fitExponential(Array.from({ length: 100 }, () => 5)).passes).toBe(false)
    expect(rejected(() => Array.from({ length: 300 }, () => random() * 10), '1%')).toBe(1)
    expect(rejected(() => Array.from({ length: 300 }, () => exponential(random, random() < 0.2 ? 20 : 1)), '1%')).toBe(
      1,
    )
  })

  test('bears gaps of 0, and too few gaps pass nothing', () => {
    expect(fitExponential([...poisson(), 0, 0]).passes).toBe(true)
    expect(fitExponential([1, 2, 3]).passes).toBe(false)
    expect(fitExponential([0, 0, 0, 0, 0, 0]).passes).toBe(false)
  })
})

test('Little’s law: 16 connections at 80/s wait 200 ms each', () => {
  expect(littleGap(16, 80, 0.2)).toBeCloseTo(0, 12)
  expect(littleGap(16, 80, 0.19)).toBeCloseTo(0.05, 12)
  expect(littleGap(0, 0, 0.2)).toBe(0)
  expect(littleGap(0, 80, 0.2)).toBe(Infinity)
})
