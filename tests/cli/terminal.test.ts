import { describe, expect, test } from 'vitest'
import { sparkline } from '../../cli/progress.ts'
import { definitionLines } from '../../cli/definitions.ts'
import { wantsColour, wrapNote } from '../../cli/terminal.ts'
import { wrapText } from '../../report/table.ts'

test.each([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR, which counts as unset', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true],
  ['NO_COLOR over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['a dumb terminal', { TERM: 'dumb' }, true, false],
])('colour for %s', (_sentence, env, isTTY, expected) => {
  expect(wantsColour(env, isTTY)).toBe(expected)
})

test('notes are broken at spaces, keep their indentation, and leave paths whole', () => {
  const note =
    'Rates for the latency slices: cpu 30/s.\n  Go on with: npx forkwise compare --resume /tmp/a-long-name-of-a-folder'
  expect(wrapNote(note, 24).split('\n')).toEqual([
    'Rates for the latency',
    'slices: cpu 30/s.',
    '  Go on with: npx',
    '  forkwise compare',
    '  --resume',
    '  /tmp/a-long-name-of-a-folder',
  ])
  expect(wrapNote('\u001B[2mone two three\u001B[22m', 8)).toBe('\u001B[2mone two\nthree\u001B[22m')
})

test('a sparkline is as high as its largest value', () => {
  expect(sparkline([0, 50, 100])).toBe('▁▅█')
  expect(sparkline([])).toBe('')
  expect(sparkline([0, 0])).toBe('')
})

describe('definitions', () => {
  const definitions = [
    { label: '  -o, --out dir', texts: ['Where the results go, a new folder.'] },
    { label: '  -q', texts: ['Less.', 'And no colour.'] },
  ]

  test('have their texts beside the labels', () => {
    expect(definitionLines(definitions, 60)).toEqual([
      '  -o, --out dir  Where the results go, a new folder.',
      '  -q             Less.',
      '                 And no colour.',
    ])
  })

  test('have their texts under the labels where the terminal is narrow', () => {
    expect(definitionLines(definitions, 20)).toEqual([
      '  -o, --out dir',
      '    Where the',
      '    results go, a',
      '    new folder.',
      '  -q',
      '    Less.',
      '    And no colour.',
    ])
  })
})

test('text is broken at spaces, in a word only where one is too long, and paragraphs stay apart', () => {
  expect(wrapText('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrapText('averyveryverylongword', 10)).toEqual(['averyveryv', 'erylongwor', 'd'])
  expect(wrapText('one\n\ntwo', 8)).toEqual(['one', '', 'two'])
  expect(wrapText('', 8)).toEqual([])
  // Minutes, if what is left of a word were copied for each of its lines.
  expect(wrapText('x'.repeat(1_000_000), 8)).toHaveLength(125_000)
})
