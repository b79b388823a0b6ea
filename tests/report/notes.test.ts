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

test('what stands behind a limit inside the app is said with its evidence, once for a workload', () => {
  const because = 'about 20 were worked on at once'
  const cells = result.cells.map((cell) => ({ ...cell, bottleneck: { limit: 'app' as const, because } }))
  const found = validityNotes({ ...result, cells }).filter(({ text }) => text.startsWith('Limited '))
  const workloads = new Set(cells.map(({ workload }) => workload))
  expect(found).toHaveLength(workloads.size)
  for (const { text } of found)
    expect(text).toMatch(/inside the app under .*: single, .*about 20 were worked on at once/)
})
