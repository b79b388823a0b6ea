import { expect, test } from 'vitest'
import { quantileBelow } from '../../../analysis/drill/clauses.ts'
import type { Judgement } from '../../../core/drill-record.ts'
import { Checker } from '../../../experiments/drill/checker.ts'
import { routeOf, secondOf } from '../../analysis/drill/made-up-seconds.ts'

const goal = { judge: (window: Parameters<typeof quantileBelow>[0]) => [quantileBelow(window, 'io', 100)] }
const slow = { io: routeOf({ okLatencies: [[900_000, 100]] }) }

function missed(judgement: Judgement): string[] {
  return judgement.outcome === 'checker-failed' ? [] : judgement.clauses.filter(({ met }) => !met).map(({ id }) => id)
}

test('the goal is met once a whole window is good, not before', () => {
  const checker = new Checker(goal, 3)
  const judged = [1, 2, 3, 4, 5, 6, 7, 8].map((atS) => {
    checker.add(secondOf(atS, atS === 3 ? { routes: slow } : {}))
    return checker.judge(atS, { sinceS: 2, trouble: null })
  })
  expect(judged.map(missed)).toEqual([
    ['window'],
    ['window'],
    ['io-latency', 'window'],
    ['io-latency', 'window'],
    ['io-latency'],
    [],
    [],
    [],
  ])
  expect(judged.at(-1)?.outcome).toBe('solved')
})

test('what keeps the checker from checking is said as that, whatever the ledger says', () => {
  const checker = new Checker(goal, 1)
  checker.add(secondOf(1))
  expect(checker.judge(1, { sinceS: 0, trouble: 'the server is gone: it was ended' })).toEqual({
    outcome: 'checker-failed',
    atS: 1,
    reason: 'the server is gone: it was ended',
  })
})

test('a goal that cannot be computed is a failure of the checker', () => {
  const broken = new Checker(
    {
      judge: () => {
        throw new Error('no such route')
      },
    },
    1,
  )
  expect(broken.judge(1, { sinceS: 0, trouble: null })).toMatchObject({
    outcome: 'checker-failed',
    reason: expect.stringContaining('no such route'),
  })
})

test('a load that is not sent any more does not meet the goal', () => {
  const checker = new Checker(goal, 2)
  for (const atS of [1, 2, 3]) checker.add(secondOf(atS, { routes: { io: routeOf({ sent: 0 }) } }))
  expect(missed(checker.judge(3, { sinceS: 0, trouble: null }))).toEqual(['served'])
})
