import { describe, expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  parseCount,
  parseDurationS,
  parseRatePerS,
  significant,
} from '../../core/quantities.ts'

describe('durations', () => {
  test.each([
    ['10s', 10],
    ['200ms', 0.2],
    ['1.5m', 90],
    ['1m30s', 90],
    ['2h', 7200],
    ['50us', 5e-5],
  ])('%s', (text, seconds) => expect(parseDurationS(text, '--duration')).toBeCloseTo(seconds, 9))

  test.each(['10', '', 'ten', '-5s', '5s!', '1.2.3s', '5 parsecs', 's'])('"%s" is refused', (text) => {
    expect(() => parseDurationS(text, '--duration')).toThrow(
      `Expected \`--duration\` to be a duration with a unit, got "${text}".`,
    )
  })

  test('of no length are refused for that', () => {
    expect(() => parseDurationS('0s', '--duration')).toThrow('`--duration` to be a duration above 0, got "0s"')
  })

  test.each([
    [0, '0 s'],
    [0.00002634, '26.3 µs'],
    [0.0043, '4.3 ms'],
    [12.34, '12.3 s'],
    [125, '2 min 5 s'],
    [120, '2 min'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d s is written as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))
})

describe('rates', () => {
  test.each([
    ['900', 900],
    ['900/s', 900],
    ['54000/min', 900],
    ['0.5', 0.5],
  ])('%s', (text, perS) => expect(parseRatePerS(text, '--rate')).toBeCloseTo(perS, 9))

  test.each(['0', '-3', 'fast', '5/fortnight', 'NaN', 'Infinity', '1e3'])('"%s" is refused', (text) => {
    expect(() => parseRatePerS(text, '--rate')).toThrow('Expected `--rate` to be a rate above 0')
  })
})

test.each(['0', '10000', '-1', '2.5', 'two', '', ' '])('"%s" workers are refused', (text) => {
  expect(() => parseCount(text, '--workers', 1, 128)).toThrow('Expected `--workers` to be a whole number from 1 to 128')
})

test.each([
  [999.4, '999'],
  [1234.5, '1,235'],
  [0.0123456, '0.0123'],
  [4.4, '4.4'],
  [0, '0'],
])('%d is written as %s', (value, text) => expect(formatCount(value)).toBe(text))

test('bytes are written in binary units', () => {
  expect(formatBytes(0)).toBe('0 B')
  expect(formatBytes(76_650_000)).toBe('73.1 MiB')
})

test('significant digits never turn into exponents', () => {
  expect(significant(123_456)).toBe('123456')
  expect(significant(1e-9)).toBe('0.000000001')
})
