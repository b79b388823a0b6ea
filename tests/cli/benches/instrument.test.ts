import { expect, test } from 'vitest'
import { instrumentRows } from '../../../cli/benches/instrument.ts'
import type { InstrumentCost } from '../../../loadtest/bench/instrument-bench.ts'

function costs(instrumentRatios: readonly number[], readingRatio: number = 1.02): InstrumentCost[] {
  return instrumentRatios.map((instrumentRatio) => ({
    withoutUs: 50,
    withUs: 50 * instrumentRatio,
    instrumentRatio,
    readingRatio,
    readingsPerS: 20,
    readingMs: 0.8,
  }))
}

test('a goal is met or missed only where the whole interval says so', () => {
  const met = (ratios: readonly number[]): boolean | null | undefined => instrumentRows(costs(ratios))[0]?.met
  expect(met([1.01, 1.012, 1.008, 1.01])).toBe(true)
  expect(met([1.04, 1.042, 1.038, 1.04])).toBe(false)
  expect(met([1.0, 1.04, 0.99, 1.03])).toBeNull()
  expect(instrumentRows(costs([1.0, 1.04, 0.99, 1.03]))[0]?.measured).toContain('too uncertain to decide')
})

test('one reading a second costs the twentieth part of twenty', () => {
  const [, once, reading] = instrumentRows(costs([1.01, 1.01, 1.01], 1.04))
  expect(once).toMatchObject({ met: true, measured: expect.stringMatching(/^1\.0020 .*: 1\.0400 /) as string })
  expect(reading).toMatchObject({ met: true, measured: expect.stringMatching(/^0\.8000 /) as string })
  expect(instrumentRows(costs([1.01, 1.01, 1.01], 1.4))[1]?.met).toBe(false)
})
