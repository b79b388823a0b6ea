import { expect, test } from 'vitest'
import { validityNotes } from '../../report/notes.ts'
import { goldenRun } from './golden.ts'

const { result } = goldenRun('full')

function notesWith(time: { countedS: number; tookS: number; announcedS: number } | null): string[] {
  const validity = { ...result.validity, ...(time === null ? {} : { time }) }
  return validityNotes({ ...result, validity }).map(({ text }) => text)
}

test('what share of the time was counted is said beside the time that was announced', () => {
  expect(notesWith({ countedS: 240, tookS: 600, announcedS: 570 })).toContainEqual(
    'Requests were counted in 40 % of the 10 min that pilot and blocks took (announced: 9 min 30 s); the rest was launches, warm-up and draining.',
  )
})

test('nothing is said of it where the records do not tell', () => {
  expect(notesWith(null).filter((text) => text.includes('pilot and blocks took'))).toEqual([])
})
