import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labBars } from '../../../report/html/lab/bars.ts'
import { labCurve } from '../../../report/html/lab/curve.ts'
import { pictureLines } from '../../../report/lab/pictures.ts'
import { expectGolden } from '../golden.ts'
import { KNOWN_PICTURES } from './known-pictures.ts'

const plain = (_: string, text: string): string => text

describe.each([100, 60, 20])('at %i columns', (columns) => {
  test.each(KNOWN_PICTURES.map((picture) => [picture.kind, picture] as const))(
    '%s: as in the golden text',
    (kind, picture) => {
      const lines = pictureLines(picture, { columns, style: plain })
      for (const line of lines) expect(Array.from(line).length, line).toBeLessThanOrEqual(columns)
      expectGolden(`lab/${kind}-${columns}.txt`, `${lines.map((line) => line.trimEnd()).join('\n')}\n`)
    },
  )
})

test('no picture is wider than the terminal, whatever its width', () => {
  assert(
    property(constantFrom(...KNOWN_PICTURES), integer({ min: 20, max: 160 }), (picture, columns) => {
      const lines = pictureLines(picture, { columns, style: plain })
      return lines.every((line) => Array.from(line).length <= columns)
    }),
  )
})

test.each([true, false])('bars on a page: the axis holds every interval whole (logarithmic: %s)', (log) => {
  const bar = { name: 'a', group: '', predicted: null }
  const picture = {
    kind: 'bars' as const,
    id: 'rates',
    title: 'Rates',
    note: '',
    unit: '/s',
    log,
    bars: [
      { ...bar, value: 200, low: 40, high: 900 },
      { ...bar, name: 'b', value: 300, low: 290, high: 310 },
    ],
  }
  const whiskers = [...labBars(picture).text.matchAll(/class="whisker" x1="([\d.]+)%" x2="([\d.]+)%"/g)]
  expect(whiskers).toHaveLength(2)
  for (const [, from, to] of whiskers) {
    expect(Number(from)).toBeGreaterThan(0)
    expect(Number(to)).toBeGreaterThan(Number(from))
    expect(Number(to)).toBeLessThan(100)
  }
})

test('each of many series has a sign of its own, in the terminal and on the page', () => {
  const [known] = KNOWN_PICTURES.filter((picture) => picture.kind === 'curve')
  if (known === undefined) throw new Error('Expected a curve.')
  const names = Array.from({ length: 15 }, (_, index) => `way ${index}`)
  const curve = {
    ...known,
    marks: [],
    series: names.map((name) => ({ name, style: 'measured' as const, points: known.series[1]?.points ?? [] })),
  }
  const legend = pictureLines(curve, { columns: 200, style: plain }).join(' ')
  const signs = names.map((name) => new RegExp(`(\\S) ${name}(?!\\d)`).exec(legend)?.[1])
  expect(new Set(signs).size).toBe(names.length)
  const looks = [...labCurve(curve).text.matchAll(/<g class="(s\d d\d)"><title>way/g)].map(([, look]) => look)
  expect(new Set(looks).size).toBe(names.length)
})

test('a logarithmic axis has its ticks and says that it is one; one in proportion has none', () => {
  const bars = KNOWN_PICTURES.filter((picture) => picture.kind === 'bars')
  const lines = (log: boolean): string =>
    bars.flatMap((picture) => pictureLines({ ...picture, log }, { columns: 100, style: plain })).join('\n')
  expect(lines(true)).toMatch(/┊[^]* 1 +10 +100 +1,000 +10k\n.*The axis is logarithmic: each ┊ is ten times/)
  expect(lines(false)).not.toMatch(/┊|The axis is logarithmic/)
})

test('pictures of nothing are drawn without trouble', () => {
  for (const picture of KNOWN_PICTURES) {
    const empty = {
      ...picture,
      lanes: [],
      series: [],
      bars: [],
      rows: [],
      counts: [],
      marks: [],
      flows: [],
    } as unknown as typeof picture
    expect(() => pictureLines(empty, { columns: 60, style: plain })).not.toThrow()
  }
})
