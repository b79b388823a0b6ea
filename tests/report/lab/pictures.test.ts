import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
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
