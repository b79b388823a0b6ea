import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/errors.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const DIES = 'process dies'

const AS_KNOWN: Readonly<Record<string, MadeUpCase>> = {
  forgotten: heard(DIES, DIES, DIES, DIES),
  listener: heard('caller: exception', DIES, DIES, DIES),
  timer: heard(DIES, DIES, DIES, DIES),
  thread: heard('caller: error event', 'caller: error event', 'caller: exit event', DIES),
  piscina: heard('caller: rejection', 'caller: rejection', 'caller: rejection', DIES),
  child: heard('caller: exit event', 'caller: exit event', 'caller: exit event', 'caller: exit event'),
  'child-unwatched': heard('nobody', 'nobody', 'nobody', 'nobody'),
}

test('what is known of Node confirms every claim', () => {
  expect(new Set(Object.values(outcomesOf(lab, AS_KNOWN)))).toEqual(new Set(['confirmed']))
})

test('errors that bubble up by themselves would refute them', () => {
  const told = heard('caller: exception', 'caller: exception', 'caller: exception', 'caller: exception')
  const all = { ...AS_KNOWN, forgotten: told, timer: told, thread: told, piscina: told }
  expect(outcomesOf(lab, all)).toMatchObject({
    'forgotten-rejection-ends-node': 'does not hold here',
    'try-catches-nothing-later': 'does not hold here',
    'a-killed-thread-takes-all': 'does not hold here',
  })
  const silent = { ...AS_KNOWN, listener: heard('nobody', 'nobody', 'nobody', 'nobody') }
  expect(outcomesOf(lab, silent)).toMatchObject({ 'listeners-throw-at-once': 'does not hold here' })
})

test('what was not measured is undecided, and the sentence says so', () => {
  expect(new Set(Object.values(outcomesOf(lab, {})))).toEqual(new Set(['undecided']))
  expect(lab.claims(madeUpEvidence(lab, {}))[0]?.sentence).toMatch(/could not be measured/)
})

test('the matrix has a row for each place that was measured, and a queue is left out without Redis', () => {
  const [matrix] = lab.pictures(madeUpEvidence(lab, AS_KNOWN))
  expect(matrix).toMatchObject({ columns: ['exception', 'rejection', 'process.exit', 'SIGKILL'] })
  expect(matrix?.kind === 'matrix' ? matrix.rows.map(({ name }) => name) : []).toHaveLength(7)
  const lacking = lab.cases({ quick: true, change: '', cores: 2, lacks: [{ what: 'no Redis', remedy: 'get it' }] })
  expect(lacking.map(({ id }) => id)).not.toContain('bullmq')
})

function heard(exception: string, rejection: string, exit: string, kill: string): MadeUpCase {
  return { words: { exception: [exception], rejection: [rejection], exit: [exit], kill: [kill] } }
}
