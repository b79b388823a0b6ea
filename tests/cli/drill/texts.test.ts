import { expect, test } from 'vitest'
import { analyseDrillRecording } from '../../../experiments/drill/result.ts'
import { classDrills, renderDrillClassHtml, renderDrillClassText } from '../../../report/drill/class.ts'
import { renderDrillList } from '../../../report/drill/list.ts'
import { renderDrillMarkdown } from '../../../report/drill/markdown.ts'
import { renderDrillText } from '../../../report/drill/text.ts'
import { renderDrillHtml } from '../../../report/html/drill/page.ts'
import { madeUpRecording } from '../../experiments/drill/made-up-recording.ts'

const plain = { columns: 80, style: (_: unknown, text: string) => text }
const solved = await analyseDrillRecording(madeUpRecording())
const failed = await analyseDrillRecording(madeUpRecording('checker-failed', 'the server is gone: it was ended'))

test.each([
  ['text', renderDrillText(solved, plain)],
  ['Markdown', renderDrillMarkdown(solved)],
  ['page', renderDrillHtml(solved)],
])('the %s has the end, the score, the time line and the debrief', (_, text) => {
  const words = text.replaceAll(/\s+/g, ' ')
  expect(words).toContain('Solved, 18 s after the fault.')
  expect(words).toContain('of 100 points')
  expect(words).toContain('a slow dependency')
  expect(words).toContain('every worker runs its computing in a pool of threads now')
  expect(words).toContain('npx forkwise drill do executor worker-pool')
  expect(words).toContain('EventLoopBlocked')
  expect(words).toContain('Busy is not blocked.')
})

test('the text has every question, those that were skipped included, and says what the points are for', () => {
  const text = renderDrillText(solved, plain).replaceAll(/\s+/g, ' ')
  for (const { question } of solved.answers) expect(text).toContain(question)
  expect(text).toContain('Not answered; it was')
  expect(text).toContain('40 for the goal, 9 of 20 for what your users were spared')
  expect(text).toContain('9 s were played, the rest goes on like their end')
})

test('no line of the text is wider than the terminal, but for commands', () => {
  const wide = renderDrillText(solved, { ...plain, columns: 60 })
    .split('\n')
    .filter((line) => line.length > 60 && !line.includes('npx forkwise'))
  expect(wide).toEqual([])
})

test('a checker that failed is said as such, never as a failure of the trainee', () => {
  for (const text of [renderDrillText(failed, plain), renderDrillMarkdown(failed), renderDrillHtml(failed)]) {
    expect(text.replaceAll(/\s+/g, ' ')).toContain('That says nothing about you.')
    expect(text).not.toContain('of 100 points')
  }
})

test('a class has a row for each trainee', () => {
  const drills = classDrills([
    { trainee: 'anna', result: solved },
    { trainee: 'ben', result: failed },
  ])
  expect(drills).toHaveLength(1)
  const text = renderDrillClassText(drills, plain)
  expect(text).toContain('anna: Solved')
  expect(text).toContain('ben: The goal could not be checked')
  const page = renderDrillClassHtml(drills)
  expect(page).toContain('<th scope="row">anna</th>')
  expect(page).toContain('<th scope="row">ben</th>')
})

test('the list has level and time of each, and why one cannot run', () => {
  const drill = { id: 'blocked-loop', number: 1, title: 'Slow now and then', level: 1, minutes: 10, lack: null }
  const text = renderDrillList([drill, { ...drill, id: 'quota', number: 10, lack: 'there are no cgroups' }], plain)
  expect(text).toContain(' 1  blocked-loop: Slow now and then')
  expect(text).toContain('Level 1, about 10 min.')
  expect(text).toContain('It cannot run here: there are no cgroups')
})
