import { expect, test } from 'vitest'
import { runProofs } from '../../../experiments/calibration/calibrate.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import type { Proof, ProofRow } from '../../../loadtest/calibration/proof.ts'

const row = (proof: string): ProofRow => ({
  proof,
  truth: '5 ms',
  measured: '5 ms',
  error: '+0 ms',
  goal: '1 ms',
  passed: true,
})

function proofOf(name: string, run: Proof['run'] = async () => [row(name)]): Proof {
  return { name, summary: name, expectedS: 30, run }
}

const quiet = async (): Promise<[]> => []

test('groups of proofs run one after the other, each reported from its start to its end', async () => {
  const events: ExperimentEvent[] = []
  const emit = (event: ExperimentEvent): void => void events.push(event)
  const delays = proofOf('delays', async ({ say, scale }) => {
    say('5 ms')
    return [{ ...row('delay'), goal: String(scale) }]
  })
  const look = async () => [{ check: 'clock', level: 'warning', found: 'it jumps', remedy: 'Wait.' }] as const
  const rows = await runProofs([delays, proofOf('queues')], new AbortController().signal, emit, look)
  expect(rows.map(({ proof, goal }) => `${proof} ${goal}`)).toEqual(['delay 1', 'queues 1 ms'])
  expect(events).toMatchObject([
    { type: 'run-started', experiment: 'calibrate', steps: 2, expectedS: 60 },
    { type: 'note', level: 'warning', text: 'clock: it jumps. Wait.' },
    { type: 'step-started', label: 'delays' },
    { type: 'activity', text: 'delays: 5 ms' },
    { type: 'proof-finished', proof: 'delays' },
    { type: 'step-started', label: 'queues' },
    { type: 'proof-finished', proof: 'queues' },
  ])
})

test('an abort in the middle ends it: a proof that was cut is no proof', async () => {
  const events: ExperimentEvent[] = []
  const stop = new AbortController()
  const cut = proofOf('delays', async () => {
    stop.abort()
    return [row('delay')]
  })
  const running = runProofs([cut, proofOf('queues')], stop.signal, (event) => void events.push(event), quiet)
  await expect(running).rejects.toThrow()
  expect(events.map(({ type }) => type)).toEqual(['run-started', 'step-started'])
})
