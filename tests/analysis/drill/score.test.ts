import { expect, test } from 'vitest'
import { costsOf, scoreOf } from '../../../analysis/drill/score.ts'
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
  nothing: { lost: 20, late: 20, seconds: 2 },
  fix: { lost: 0, late: 0, seconds: 6 },
}

test('what was lost and late', () => {
  expect(costsOf(seconds, LATE)).toEqual({ lost: 20, late: 20, seconds: 5 })
})

test('the share of the avoidable costs that were avoided, in points', () => {
  const score = scoreOf({ seconds, acts, references, late: LATE, solved: true }, { questions: 4, right: 4 })
  // Nothing for three seconds: 30 lost and 30 late.
  expect(score.references?.nothing).toEqual({ lost: 30, late: 30, seconds: 3 })
  expect(score.costs).toEqual({ lost: 20, late: 20, seconds: 3 })
  expect(score.points).toBe(33)
  expect(score).toMatchObject({ detectS: 1, nameS: null, mendS: 3, hints: 0 })
})

test('hints and wrong answers cost points, and none are below 0', () => {
  const hint = (number: number): DrillAct => ({ kind: 'hint', schema, atS: 3, number })
  const run = { seconds, references, late: LATE, solved: true }
  const points = (hints: number, right: number): number | null =>
    scoreOf(
      {
        ...run,
        acts: [...acts.slice(0, -1), ...Array.from({ length: hints }, (_, i) => hint(i + 1)), ...acts.slice(-1)],
      },
      { questions: 4, right },
    ).points
  expect(points(1, 4)).toBe(28)
  expect(points(2, 3)).toBe(13)
  expect(points(3, 0)).toBe(0)
})

test('without references, or without the goal, there are no points', () => {
  const diagnosis = { questions: 4, right: 4 }
  expect(scoreOf({ seconds, acts, references: null, late: LATE, solved: true }, diagnosis).points).toBeNull()
  const unsolved = scoreOf({ seconds, acts, references, late: LATE, solved: false }, diagnosis)
  expect(unsolved).toMatchObject({ points: null, mendS: null })
})
