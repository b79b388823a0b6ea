import { expect, test } from 'vitest'
import { analyseDrillRecording } from '../../../experiments/drill/result.ts'
import { madeUpRecording } from './made-up-recording.ts'

test('a drill that was solved is judged again from its seconds', async () => {
  const result = await analyseDrillRecording(madeUpRecording())
  expect(result).toMatchObject({ end: 'solved', title: 'Every now and then everything takes a second' })
  expect(result.judgement).toMatchObject({ outcome: 'solved', atS: 28 })
  // Fifteen late a second for ten seconds, where doing nothing delays 270 in 18 s, and the fix 5.
  expect(result.score).toMatchObject({
    costs: { lost: 0, late: 150, seconds: 18 },
    references: { nothing: { lost: 0, late: 270 } },
    detectS: 3,
    mendS: 18,
    hints: 1,
    questions: 4,
    right: 1,
  })
  // 20 · 120/265 for users, 20 · (1 − 18/600) for the time, one answer of four, one hint.
  expect(result.score.parts).toEqual({ goal: 40, users: 9, time: 19, diagnosis: 5, hints: 5 })
  expect(result.score.points).toBe(68)
  expect(result.debrief.reference.lines).toEqual(['npx forkwise drill do executor worker-pool'])
  expect(result.seconds).toHaveLength(28)
})

test('a drill whose goal could not be checked has no points, and is said to be no failure of the trainee', async () => {
  const result = await analyseDrillRecording(madeUpRecording('checker-failed', 'the server is gone: it was ended'))
  expect(result.judgement).toEqual({ outcome: 'checker-failed', atS: 28, reason: 'the server is gone: it was ended' })
  expect(result.score.points).toBeNull()
})

test('a drill that was given up is not solved', async () => {
  const result = await analyseDrillRecording(madeUpRecording('given-up'))
  expect(result.judgement).toMatchObject({ outcome: 'not-yet' })
  expect(result.score).toMatchObject({ points: null, mendS: null })
})

test('one that was interrupted has no result', async () => {
  const { acts, ...rest } = madeUpRecording()
  const cut = { ...rest, acts: acts.filter(({ kind }) => kind !== 'over') }
  await expect(analyseDrillRecording(cut)).rejects.toMatchObject({ code: 'RESULT_INVALID' })
})
