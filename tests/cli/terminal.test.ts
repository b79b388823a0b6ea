import { expect, test } from 'vitest'
import { sparkline } from '../../cli/progress.ts'
import { wrap } from '../../cli/help.ts'
import { wantsColour } from '../../cli/terminal.ts'

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

test('a sparkline is as high as its largest value', () => {
  expect(sparkline([0, 50, 100])).toBe('▁▅█')
  expect(sparkline([])).toBe('')
  expect(sparkline([0, 0])).toBe('')
})

test('text is broken at spaces and nowhere else', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('averyveryverylongword', 5)).toEqual(['averyveryverylongword'])
})
