import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import type { ServerModel } from '../../../cluster/model.ts'
import { findModel } from '../../../cluster/models.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { prepareHighestRate, runHighestRate } from '../../../experiments/capacity/highest-rate.ts'
import type { CapacityOutcome, MeasuringWorld } from '../../../experiments/capacity/measuring-run.ts'
import { prepareMeasuring, type MeasuringRequest } from '../../../experiments/capacity/request.ts'
import { prepareMeasuredScale, runScale } from '../../../experiments/capacity/scale.ts'
import { prepareMeasuredValidation, runValidation } from '../../../experiments/capacity/validate.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { prepareAndRun, type Run } from '../../../experiments/run.ts'
import { readCapacityRecord } from '../../../store/capacity-folder.ts'
import type { CapacityRecord } from '../../../store/capacity-record.ts'
import { isComplete } from '../../../store/folder-kind.ts'
import { type Script, scriptedModel, scriptedWorkload, scriptedWorld } from '../scripted-world.ts'
import { measuringWorld, queueScript, singleModel, virtualScript } from './scripted-queue.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-resume-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

type Start<T> = (request: MeasuringRequest, signal: AbortSignal, world: MeasuringWorld) => Run<T>

function requestInto(name: string, models = [singleModel(), scriptedModel('cluster')]): MeasuringRequest {
  return {
    models,
    workload: scriptedWorkload('cpu'),
    app: null,
    dependencies: [],
    nodePath: null,
    pythonPath: null,
    timeoutS: 5,
    seed: 1,
    out: join(dir, name),
    options: {},
    resumed: null,
  }
}

interface Ended {
  readonly outcome: CapacityOutcome<unknown> | null
  readonly events: readonly ExperimentEvent[]
  /** Launches, as the world saw them. */
  readonly launches: number
}

/** Runs until the end, or until an event stops it. */
async function run(
  start: Start<CapacityOutcome<unknown>>,
  request: MeasuringRequest,
  script: Script,
  stopsAt: (event: ExperimentEvent) => boolean = () => false,
): Promise<Ended> {
  const world = scriptedWorld(script)
  const stop = new AbortController()
  const running = start(request, stop.signal, measuringWorld(world))
  const events: ExperimentEvent[] = []
  const reading = (async () => {
    for await (const event of running) {
      events.push(event)
      if (stopsAt(event)) stop.abort(new Error('Ctrl-C'))
    }
  })()
  const outcome = await Promise.resolve(running).catch((thrown: unknown) => {
    expect(thrown).toMatchObject({ code: 'INTERRUPTED' })
    return null
  })
  await reading.catch(() => undefined)
  return { outcome, events, launches: world.workers.length }
}

function nth(count: number, type: ExperimentEvent['type']): (event: ExperimentEvent) => boolean {
  let seen = 0
  return (event) => event.type === type && ++seen === count
}

function measurementIn(name: string, model: string): CapacityMeasurement {
  const text = readFileSync(join(dir, name, `measurement-${model}-cpu.json`), 'utf8')
  return JSON.parse(text) as CapacityMeasurement
}

/** What a case runs, and what stops it. */
interface Case {
  readonly start: Start<CapacityOutcome<unknown>>
  readonly models: readonly string[]
  readonly stopsAt: (event: ExperimentEvent) => boolean
  readonly script?: Script
}

/** Runs once to the end, once with an interruption, and goes on; expects the same result and measurements of both. */
async function goneOn({ start, models, stopsAt, script = queueScript() }: Case): Promise<{
  readonly whole: Ended
  readonly again: Ended
  readonly resumed: CapacityRecord
}> {
  const whole = await run(start, requestInto('whole'), script)
  const first = await run(start, requestInto('parted'), script, stopsAt)
  expect(first.outcome).toBeNull()
  expect(isComplete(join(dir, 'parted'))).toBe(false)
  const resumed = readCapacityRecord(join(dir, 'parted'))
  const again = await run(start, { ...requestInto('elsewhere'), resumed }, script)
  expect(again.outcome?.dir).toBe(join(dir, 'parted'))
  expect(plain(again.outcome?.result)).toEqual({ ...plain(whole.outcome?.result), id: resumed.manifest.id })
  for (const model of models) expect(measurementIn('parted', model)).toEqual(measurementIn('whole', model))
  expect(isComplete(join(dir, 'parted'))).toBe(true)
  return { whole, again, resumed }
}

/** A result as it is written; the virtual clock's last digits depend on how long it has gone. */
function plain(result: unknown): object {
  const text = JSON.stringify(result, (key, value: unknown) =>
    key === 'tookS' ? Number(Number(value).toFixed(6)) : value,
  )
  return JSON.parse(text) as object
}

function count(type: ExperimentEvent['type'], { events }: Ended): number {
  return events.filter((event) => event.type === type).length
}

const scaling: Start<CapacityOutcome<unknown>> = (request, signal, world) =>
  prepareAndRun(
    () => prepareMeasuredScale({ ...request, workers: [1, 2], ratePerS: null, extent: { blocks: 3 } }),
    (prepared) => runScale(prepared, signal, world),
  )

const searching: Start<CapacityOutcome<unknown>> = (request, signal, world) =>
  prepareAndRun(
    () => prepareHighestRate({ ...request, slo: parseSlo('p99<50ms'), workers: 2, budgetS: 200, width: 0.05 }),
    (prepared) => runHighestRate(prepared, signal, world),
  )

function validating(models: ServerModel[], cases: number): Start<CapacityOutcome<unknown>> {
  return (request, signal, world) =>
    prepareAndRun(
      () => prepareMeasuredValidation({ ...request, models, budgetS: 400, cases }),
      (prepared) => runValidation(prepared, signal, world),
    )
}

/** What a test may take in ms where others keep the machine busy: its queues are simulated. */
const BUSY_MS = 180_000

describe('a run that stopped and goes on', () => {
  test(
    'of `scale` measures the launches that are left, and no other',
    async () => {
      const models = ['single', 'cluster']
      const { whole, again, resumed } = await goneOn({ start: scaling, models, stopsAt: nth(4, 'launch-finished') })
      const kept = resumed.measurements.reduce((sum, { saturations }) => sum + saturations.length, 0)
      expect(kept).toBeGreaterThanOrEqual(4)
      expect(again.launches).toBe(whole.launches - kept)
      expect(again.events[0]).toMatchObject({ type: 'run-started', steps: count('step-started', again) })
    },
    BUSY_MS,
  )

  test(
    'of `capacity` takes the searches that are over, and begins the one that was not again',
    async () => {
      let over = 0
      const stopsAt = (event: ExperimentEvent): boolean => {
        if (event.type === 'search-finished') over += 1
        return event.type === 'rate-tried' && over === 1
      }
      const { again, resumed } = await goneOn({ start: searching, models: ['single', 'cluster'], stopsAt })
      expect(resumed.searches.map(({ model }) => model)).toEqual(['single'])
      expect(again.launches).toBe(1)
      expect(count('search-finished', again)).toBe(1)
    },
    BUSY_MS,
  )

  test(
    'of `validate-plan` takes the searches that are over',
    async () => {
      const script = queueScript(() => ({ routing: 'one' }))
      const start = validating([singleModel()], 0)
      const { again } = await goneOn({ start, models: ['single'], stopsAt: nth(1, 'search-finished'), script })
      expect(again.launches).toBe(0)
      expect(count('model-validated', again)).toBe(1)
    },
    BUSY_MS,
  )

  test(
    'of `validate-plan` takes the worker counts that were tried',
    async () => {
      const start = validating([], 2)
      const script = virtualScript()
      const { again, resumed } = await goneOn({ start, models: [], stopsAt: nth(1, 'count-validated'), script })
      expect(resumed.counts.map(({ number }) => number)).toEqual([0])
      expect(count('count-validated', again)).toBe(1)
    },
    BUSY_MS,
  )
})

test(
  'an app runs in the folder where its run was begun, also when it is gone on with from another',
  async () => {
    const script = queueScript()
    const stopsAt = ({ type }: ExperimentEvent): boolean => type === 'launch-finished'
    await run(scaling, requestInto('begun'), script, stopsAt)
    const resumed = readCapacityRecord(join(dir, 'begun'))
    expect(resumed.manifest.cwd).toBe(process.cwd())
    const app = { command: 'node app.js', cwd: '/elsewhere' }
    const again = await prepareMeasuring('scale', {
      ...requestInto('begun', [await findModel('single')]),
      app,
      resumed,
    })
    expect(again.app?.cwd).toBe(process.cwd())
  },
  BUSY_MS,
)
