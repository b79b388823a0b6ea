import { expect, test } from 'vitest'
import { quoted, shortened } from '../../core/quotes.ts'

test.each<[unknown, string]>([
  ['cluster', '"cluster"'],
  [7, '7'],
  [['a', 1], '["a",1]'],
  [undefined, 'undefined'],
  ['', '""'],
])('%j is repeated as it is', (value, text) => {
  expect(quoted(value)).toBe(text)
})

test('what is long is cut, with its length in characters', () => {
  expect(quoted('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`)
  expect(quoted('x'.repeat(10_000))).toBe(`"${'x'.repeat(80)}…" (10,000 characters)`)
  expect(quoted('😀'.repeat(81))).toBe(`"${'😀'.repeat(80)}…" (81 characters)`)
  expect(quoted(['y'.repeat(200)])).toBe(`["${'y'.repeat(78)}… (204 characters)`)
  expect(shortened('/a'.repeat(100))).toBe(`${'/a'.repeat(40)}… (200 characters)`)
})

test('what JSON cannot hold is named all the same', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  expect(quoted(circle)).toBe('[object Object]')
  expect(quoted(10n)).toBe('10')
})
