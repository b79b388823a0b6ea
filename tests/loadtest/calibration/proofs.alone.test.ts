import { afterAll, expect, test } from 'vitest'
import { wrkProof } from '../../../loadtest/calibration/closed-proof.ts'
import { delayProof } from '../../../loadtest/calibration/delay-proof.ts'
import { rowOfMs, type Proof, type ProofRow } from '../../../loadtest/calibration/proof.ts'
import { LOAD_PROOFS } from '../../../loadtest/calibration/proofs.ts'
import { oracleProof, spinProof } from '../../../loadtest/calibration/queue-proof.ts'
import { refusalProof } from '../../../loadtest/calibration/refusal-proof.ts'
import { stallProof } from '../../../loadtest/calibration/stall-proof.ts'
import { GeneratorProcesses } from '../../../loadtest/generator-processes.ts'
import { partTest } from '../../parts.ts'

const generators = new GeneratorProcesses()

afterAll(async () => generators.close())

/**
 * Runs a proof in a share of its time, which it must at least take. Its goals are for idle machines, `calibrate` holds
 * them: here only what must hold on any is asked.
 */
async function tryProof(proof: Proof, scale: number): Promise<readonly ProofRow[]> {
  const startMs = performance.now()
  const rows = await proof.run({ signal: new AbortController().signal, generators, scale, say: () => {} })
  expect((performance.now() - startMs) / 1000).toBeGreaterThan(proof.expectedS * scale * 0.8)
  for (const row of rows) expect(Object.values(row)).not.toContain('')
  return rows
}

/** The number that a row's text begins with. */
function numberOf(text: string): number {
  return Number(/^[\d.]+/.exec(text)?.[0])
}

test('servers of known delay: counts are exact, and nothing is faster than the truth', async () => {
  const rows = await tryProof(delayProof, 0.1)
  expect(rows).toHaveLength(24)
  expect(rows.filter(({ goal }) => goal === 'exact')).toHaveLength(6)
  for (const row of rows) {
    if (row.goal === 'exact') expect(row).toMatchObject({ passed: true, error: 'none' })
    else expect(numberOf(row.measured)).toBeGreaterThanOrEqual(numberOf(row.truth) * 0.995)
  }
})

test('a stall shows in the tail, where closed loops hide it', async () => {
  const [p99, p999] = await tryProof(stallProof, 0.25)
  expect(numberOf(p99?.truth ?? '')).toBe(450)
  expect(numberOf(p99?.measured ?? '')).toBeGreaterThan(380)
  expect(numberOf(p999?.measured ?? '')).toBeGreaterThan(430)
})

test('a queue whose every latency is known', async () => {
  const [mean, p99, single] = await tryProof(oracleProof, 0.15)
  expect(numberOf(mean?.measured ?? '')).toBeGreaterThanOrEqual(numberOf(mean?.truth ?? '') * 0.995)
  expect(numberOf(p99?.measured ?? '')).toBeGreaterThanOrEqual(numberOf(p99?.truth ?? '') * 0.98)
  expect(numberOf(single?.measured ?? '')).toBeGreaterThan(0)
})

test('a server that computes: no mean and no p99 is below the recursion’s', async () => {
  const rows = await tryProof(spinProof, 0.1)
  expect(rows).toHaveLength(6)
  // A request that is seen just after the end of another counts as one that had waited: at most 0.3 of 8 ms earlier.
  for (const row of rows) expect(numberOf(row.measured)).toBeGreaterThanOrEqual(numberOf(row.truth) * 0.96)
})

test('twice the ceiling is refused', async () => {
  expect(await tryProof(refusalProof, 1)).toMatchObject([{ passed: true, error: 'none' }])
})

partTest(['wrk'], 'the closed loop beside wrk gives two ratios', async () => {
  const rows = await tryProof(wrkProof, 0.1)
  expect(rows.map(({ proof }) => proof)).toEqual(['closed loop beside wrk: rate', 'closed loop beside wrk: p50'])
  for (const { measured } of rows) expect(numberOf(measured)).toBeGreaterThan(0)
})

test('every proof of a certificate is tried here, and has a name of its own', () => {
  expect(new Set(LOAD_PROOFS)).toEqual(
    new Set([delayProof, stallProof, oracleProof, spinProof, wrkProof, refusalProof]),
  )
  expect(new Set(LOAD_PROOFS.map(({ name }) => name)).size).toBe(LOAD_PROOFS.length)
})

test.each([
  {
    what: 'within a share of the truth',
    truth: 100,
    measured: 100.9,
    goal: { relative: 0.01 },
    passed: true,
    error: '+0.9 ms',
  },
  { what: 'beyond it', truth: 100, measured: 98.9, goal: { relative: 0.01 }, passed: false, error: '−1.1 ms' },
  {
    what: 'the wider of two goals counts',
    truth: 1,
    measured: 1.25,
    goal: { relative: 0.01, absolute: 0.3 },
    passed: true,
    error: '+0.25 ms',
  },
  {
    what: 'nothing measured is no proof',
    truth: 1,
    measured: null,
    goal: { relative: 0.5 },
    passed: false,
    error: '+– ms',
  },
])('a row about a time: $what', ({ truth, measured, goal, passed, error }) => {
  expect(rowOfMs('x', truth, measured, goal)).toMatchObject({ passed, error })
})
