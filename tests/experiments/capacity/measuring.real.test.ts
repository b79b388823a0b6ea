import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession, type Session } from '../../../cluster/session.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import { machineFacts } from '../../../core/machine.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { measureCapacity, sliceCount, type MeasuringPlan } from '../../../experiments/capacity/measuring.ts'
import { virtualSubject } from '../../../experiments/capacity/virtual-subject.ts'
import { HostMeter } from '../../../loadtest/host.ts'
import { REAL_INSTRUMENT } from '../../../loadtest/instrument.ts'
import { UNOBSERVED } from '../../../loadtest/observation/observation.ts'
import { plainTopology } from '../../../loadtest/cpu-topology.ts'
import { trialSettings } from '../../../experiments/world.ts'
import type { TrialContext } from '../../../loadtest/trial-context.ts'

const PLAN: MeasuringPlan = {
  workers: [1, 8],
  rateWorkers: [8],
  loads: [0.5],
  blocks: 2,
  saturationS: 0.5,
  unloadedS: 0.4,
  rateS: 0.7,
  seed: 4,
  patienceS: 0,
}

let session: Session
let context: TrialContext
beforeAll(async () => {
  session = await openSession()
  context = {
    session,
    instrument: REAL_INSTRUMENT,
    settings: trialSettings({ workers: 1, seed: 1 }, plainTopology(2)),
    dependency: { url: 'http://127.0.0.1:1', trouble: () => [], ready: async () => undefined },
    host: new HostMeter(2, []),
    cores: 2,
    signal: new AbortController().signal,
    observation: UNOBSERVED,
  }
})
afterAll(() => session.close())

test('eight virtual workers on any machine: every slice is there, and eight do far more than one', async () => {
  const subject = virtualSubject({ routing: 'central-queue', service: 'constant', serviceMs: 20, seed: 1 }, context)
  const kept: CapacityMeasurement[] = []
  const events: ExperimentEvent[] = []
  const [measurement] = await measureCapacity([subject], PLAN, {
    context,
    machine: machineFacts(),
    emit: (event) => events.push(event),
    keep: (each) => kept.push(each),
  })
  expect(events.filter(({ type }) => type === 'step-started')).toHaveLength(sliceCount([subject], PLAN))
  expect(kept.length).toBe(4)
  expect(kept.at(-1)).toEqual(measurement)
  expect(measurement?.saturations.map(({ workers }) => workers).sort()).toEqual([1, 1, 8, 8])
  expect(measurement?.routes.length).toBe(2)
  const throughput = (workers: number): number =>
    Math.max(
      ...(measurement?.saturations ?? []).filter((each) => each.workers === workers).map((each) => each.throughputPerS),
    )
  // A worker that is busy for 20 ms answers at most 50 a second, with what was under way when counting began.
  expect(throughput(1)).toBeLessThan(50 * 1.1 + 8)
  expect(throughput(8)).toBeGreaterThan(2 * throughput(1))
  // Both blocks measure the same rate, so that they can be pooled, and nobody is answered before his time.
  const rates = measurement?.rates ?? []
  expect(new Set(rates.map(({ ratePerS }) => ratePerS)).size).toBe(1)
  for (const { histogram, errorRatio } of rates) {
    expect(errorRatio).toBeLessThan(0.5)
    expect(LatencyHistogram.fromBase64(histogram).quantileUs(0) ?? 0).toBeGreaterThanOrEqual(19_900)
  }
})

test('an interruption rejects and leaves no process', async () => {
  const stop = new AbortController()
  const interrupted = { ...context, signal: stop.signal }
  const subject = virtualSubject({ routing: 'one', service: 'constant', serviceMs: 5, seed: 1 }, interrupted)
  const kept: CapacityMeasurement[] = []
  const run = measureCapacity(
    [subject],
    { ...PLAN, workers: [1] },
    {
      context: interrupted,
      machine: machineFacts(),
      emit: () => undefined,
      keep: (each) => {
        kept.push(each)
        stop.abort(new Error('enough'))
      },
    },
  )
  await expect(run).rejects.toThrow('enough')
  expect(kept.length).toBe(1)
})
