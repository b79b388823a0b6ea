import { expect, test } from 'vitest'
import { costsOf, costsOver, scoreOf } from '../../../analysis/drill/score.ts'
import type { DrillAct, DrillReferences } from '../../../core/drill-record.ts'
import { routeOf, secondOf } from './made-up-seconds.ts'

const LATE = { io: 100 }
const schema = 'forkwise/drill-act@1'

const lossy = {
  io: routeOf({
    ok: 90,
    timeouts: 5,
    non2xx: 5,
    okLatencies: [
      [20_000, 80],
      [500_000, 10],
    ],
  }),
}
const seconds = [secondOf(1), secondOf(2), secondOf(3, { routes: lossy }), secondOf(4, { routes: lossy }), secondOf(5)]

const acts: DrillAct[] = [
  { kind: 'healthy', schema, atS: 0 },
  { kind: 'fault', schema, atS: 2, text: 'it breaks' },
  { kind: 'acknowledged', schema, atS: 3 },
  { kind: 'lever', schema, atS: 4, lever: 'workers', value: '4', text: 'done', done: true, tookS: 1 },
  { kind: 'over', schema, atS: 5, how: 'solved', reason: null },
]

const references: DrillReferences = {
  schema: 'forkwise/drill-references@1',
  nothing: { lost: 30, late: 30, seconds: 3 },
  fix: { lost: 0, late: 0, seconds: 3 },
  playedS: { nothing: 3, fix: 3 },
}
const RUN = { seconds, references, late: LATE, solved: true, minutes: 10 }
const ALL_RIGHT = { questions: 4, right: 4 }

test('what was lost and late', () => {
  expect(costsOf(seconds, LATE)).toEqual({ lost: 20, late: 20, seconds: 5 })
})

test('a recording that is too short goes on like its end, one that is too long is cut', () => {
  expect(costsOver(seconds.slice(2, 4), LATE, { lengthS: 6, tailS: 2 })).toEqual({ lost: 60, late: 60, seconds: 6 })
  expect(costsOver(seconds, LATE, { lengthS: 9, tailS: 1 })).toEqual({ lost: 20, late: 20, seconds: 9 })
  expect(costsOver(seconds, LATE, { lengthS: 3, tailS: 1 })).toEqual({ lost: 10, late: 10, seconds: 3 })
})

test('points are for the goal, for users, for the time and for the diagnosis', () => {
  const score = scoreOf({ ...RUN, acts }, ALL_RIGHT)
  expect(score.costs).toEqual({ lost: 20, late: 20, seconds: 3 })
  // A third of what could be avoided was; 3 s of 10 min were used.
  expect(score.parts).toEqual({ goal: 40, users: 7, time: 20, diagnosis: 20, hints: 0 })
  expect(score.points).toBe(87)
  expect(score).toMatchObject({ detectS: 1, nameS: null, mendS: 3, hints: 0 })
})

test('the time counts up to the minutes that a trainee needs', () => {
  const time = (minutes: number): number | undefined => scoreOf({ ...RUN, acts, minutes }, ALL_RIGHT).parts?.time
  expect([time(10), time(0.1), time(0.05), time(0.01)]).toEqual([20, 10, 0, 0])
})

test('whoever solves has points, whatever it cost and however many hints it took', () => {
  const hint = (number: number): DrillAct => ({ kind: 'hint', schema, atS: 3, number })
  const worst = scoreOf(
    {
      ...RUN,
      minutes: 0.01,
      references: { ...references, nothing: { lost: 1, late: 0, seconds: 3 } },
      acts: [...acts.slice(0, -1), hint(1), hint(2), hint(3), ...acts.slice(-1)],
    },
    { questions: 4, right: 0 },
  )
  expect(worst.parts).toEqual({ goal: 40, users: 0, time: 0, diagnosis: 0, hints: 35 })
  expect(worst.points).toBe(5)
})

test('users count in full where the reference fix avoids nothing', () => {
  const same = { ...references, fix: references.nothing }
  expect(scoreOf({ ...RUN, acts, references: same }, ALL_RIGHT).parts?.users).toBe(20)
})

test('the diagnosis is named when it was given, also after the end', () => {
  const named: DrillAct = { kind: 'diagnosed', schema, atS: 65, answers: {} }
  expect(scoreOf({ ...RUN, acts: [...acts, named] }, ALL_RIGHT)).toMatchObject({ nameS: 63, mendS: 3 })
})

test('without references, or without the goal, there are no points', () => {
  expect(scoreOf({ ...RUN, acts, references: null }, ALL_RIGHT).points).toBeNull()
  expect(scoreOf({ ...RUN, acts, solved: false }, ALL_RIGHT)).toMatchObject({ points: null, parts: null, mendS: null })
})
