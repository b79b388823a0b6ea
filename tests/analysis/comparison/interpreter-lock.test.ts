import { expect, test } from 'vitest'
import { lockNotes } from '../../../analysis/comparison/interpreter-lock.ts'
import type { MeasuredTrial } from '../../../core/records.ts'
import { madeUpRun } from '../made-up-run.ts'

const { manifest, trials } = madeUpRun(
  { models: ['node', 'threads', 'free'], workloads: ['cpu', 'io'], blocks: 2 },
  () => ({
    throughput: 9,
  }),
)
const PYTHONS: Readonly<Record<string, string>> = {
  threads: 'CPython 3.11.2',
  free: 'CPython 3.14.0 free-threaded',
}
const named = {
  ...manifest,
  models: manifest.models.map((model) => {
    const python = PYTHONS[model.id]
    return python === undefined ? model : { ...model, python }
  }),
}

/** What a worker and its supervisor used, in seconds of a slice of ten. */
function used(trial: MeasuredTrial, workerS: number): MeasuredTrial {
  const { saturation } = trial
  const usage = { pid: 7, rssBytes: 1, pssBytes: null }
  return {
    ...trial,
    saturation: {
      ...saturation,
      host: { ...saturation.host, wallS: 10 },
      server: [
        { ...usage, name: 'arbiter', role: 'supervisor', cpuS: 99 },
        { ...usage, name: 'worker-1', role: 'worker', cpuS: workerS },
        { ...usage, name: 'worker-2', role: 'worker', cpuS: 1 },
      ],
    },
  }
}

function of(model: string, workload: string): ReadonlyMap<number, MeasuredTrial> {
  const own = trials.filter((trial) => trial.model === model && trial.workload === workload)
  return new Map(own.map((trial, i) => [i, used(trial, (model === 'free' ? 18 : 9) + i)]))
}

test('what the busiest process used is said where a Python was named, for work that computes alone', () => {
  expect(lockNotes(named, { of })).toEqual([
    'Cores that the busiest process used under cpu: of threads 0.95. The lock of the interpreter lets one thread of a process compute at a time: one core at most.',
    'Cores that the busiest process used under cpu: of free 1.85. There is no lock: all threads of a process compute at the same time.',
  ])
})

test('nothing is said without a named Python, and without a trial', () => {
  expect(lockNotes(manifest, { of })).toEqual([])
  expect(lockNotes(named, { of: () => new Map() })).toEqual([])
})
