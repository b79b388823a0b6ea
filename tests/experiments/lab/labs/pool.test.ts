import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/pool.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const WELL = ended('ends', 12, 0, 0)
const HANGING = ended('hangs', 11, 0, 1)
const REJECTING = ended('ends', 11, 1, 0)

const AS_KNOWN: Readonly<Record<string, MadeUpCase>> = {
  'threads-none': WELL,
  'processes-none': WELL,
  'threads-die': HANGING,
  'threads-throw': HANGING,
  'processes-die': HANGING,
  'processes-throw': HANGING,
  'piscina-die': REJECTING,
  'piscina-throw': REJECTING,
}

test('pools that hang with one job lost, and a library that rejects one, confirm it', () => {
  expect(outcomesOf(lab, AS_KNOWN)).toEqual({
    'results-come-out-of-order': 'confirmed',
    'naive-pools-hang': 'confirmed',
    'one-job-is-lost': 'confirmed',
    'a-library-rejects-one': 'confirmed',
  })
})

test('the contrary refutes it', () => {
  const contrary = Object.fromEntries(
    Object.keys(AS_KNOWN).map((id) => [id, id.startsWith('piscina') ? HANGING : ended('ends', 12, 0, 0, 'in order')]),
  )
  expect(new Set(Object.values(outcomesOf(lab, contrary)))).toEqual(new Set(['does not hold here']))
})

test('what was not measured is undecided', () => {
  expect(new Set(Object.values(outcomesOf(lab, {})))).toEqual(new Set(['undecided']))
})

test('what happened is told as one of the choices, and each pool has a line below what it is of', () => {
  const evidence = madeUpEvidence(lab, AS_KNOWN)
  expect(lab.outcomes(evidence)).toMatchObject({
    'threads-die': 'hangs',
    'piscina-die': 'ends, some jobs are rejected',
    'process-pool-die': null,
  })
  const [picture] = lab.pictures(evidence)
  const rows = picture?.kind === 'matrix' ? picture.rows : []
  expect(rows).toHaveLength(8)
  expect(rows[1]).toMatchObject({ name: 'a worker dies in a job', group: 'Node: home-made, threads' })
  expect(rows[1]?.cells.map(({ text }) => text)).toEqual(['11', '0', '1', 'hangs'])
})

function ended(end: string, done: number, rejected: number, lost: number, order: string = 'out of order'): MadeUpCase {
  return { figures: { done: [done], rejected: [rejected], lost: [lost] }, words: { end: [end], order: [order] } }
}

test('what is lost beside the job in hand, and all that a broken pool rejects, has claims of its own', () => {
  const python: Record<string, MadeUpCase> = {
    'python-threads-none': WELL,
    'python-threads-throw': HANGING,
    'python-processes-throw': HANGING,
    'python-processes-die': ended('hangs', 10, 0, 2),
    'python-executor-throw': REJECTING,
    'python-executor-die': ended('ends', 3, 9, 0),
  }
  expect(outcomesOf(lab, { ...AS_KNOWN, ...python })).toMatchObject({
    'one-job-is-lost': 'confirmed',
    'python-may-lose-more': 'confirmed',
    'executor-gives-up': 'confirmed',
  })
  const lost = madeUpEvidence(lab, { ...AS_KNOWN, ...python, 'python-processes-die': HANGING })
  expect(lab.claims(lost).find(({ id }) => id === 'python-may-lose-more')?.outcome).toBe('undecided')
})
