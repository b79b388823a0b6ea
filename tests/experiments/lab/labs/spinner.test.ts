import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/spinner.ts'
import { type MadeUpCase, outcomesOf } from '../made-up-evidence.ts'

const FREEZES = spinner('freezes', 0, 1000)
const TURNS = spinner('turns', 100, 110)

const AS_THE_TEXT_SAYS: Record<string, MadeUpCase> = {
  timer: TURNS,
  sleep: FREEZES,
  inline: FREEZES,
  async: FREEZES,
  slices: TURNS,
  thread: TURNS,
  child: TURNS,
  'python-thread': TURNS,
}

test('as the text says', () => {
  expect(outcomesOf(lab, AS_THE_TEXT_SAYS)).toEqual({
    freezing: 'confirmed',
    turning: 'confirmed',
    'async-moves-nothing': 'confirmed',
    'python-thread-lives': 'confirmed',
    'outside-clock': 'confirmed',
  })
})

test.each<[string, Record<string, MadeUpCase>, string, string]>([
  ['an async function that lets the spinner turn', { async: TURNS }, 'async-moves-nothing', 'does not hold here'],
  ['nothing that freezes', { sleep: TURNS, inline: TURNS, async: TURNS }, 'freezing', 'does not hold here'],
  ['one of three that turns', { sleep: TURNS }, 'freezing', 'undecided'],
  [
    'threads that freeze',
    { timer: FREEZES, slices: FREEZES, thread: FREEZES, child: FREEZES },
    'turning',
    'does not hold here',
  ],
  ['a thread of Python that stands still', { 'python-thread': FREEZES }, 'python-thread-lives', 'does not hold here'],
  ['clocks that differ by two frames', { timer: spinner('turns', 100, 110, 2) }, 'outside-clock', 'does not hold here'],
])('%s', (_, changed, claim, outcome) => {
  expect(outcomesOf(lab, { ...AS_THE_TEXT_SAYS, ...changed })[claim]).toBe(outcome)
})

function spinner(word: string, shownPercent: number, longestGapMs: number, clockFrames = 0): MadeUpCase {
  const twice = (value: number): number[] => [value, value]
  return {
    figures: {
      shownPercent: twice(shownPercent),
      longestGapMs: twice(longestGapMs),
      workMs: twice(1000),
      clockFrames: twice(clockFrames),
    },
    words: { spinner: [word, word] },
  }
}
