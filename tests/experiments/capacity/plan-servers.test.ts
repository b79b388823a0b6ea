import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parsePlanRequest } from '../../../analysis/capacity/planning/plan-request.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import {
  prepareMeasuredPlan,
  prepareRecordedPlan,
  type RecordedPlanRequest,
  runServerPlan,
} from '../../../experiments/capacity/plan-servers.ts'
import type { PlanResult } from '../../../store/capacity-findings.ts'
import { KNOWN, measureKnown } from '../../analysis/capacity/synthetic-measurement.ts'
import { scriptedWorkload, scriptedWorld } from '../scripted-world.ts'
import { measuringWorld, queueScript, singleModel } from './scripted-queue.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-plan-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** One worker, so that few simulations make a plan. */
const MEASURED = measureKnown({ ...KNOWN, routing: 'one', sigma: 0 }, { workers: [1], requests: 6000 })

function recorded(changes: Partial<RecordedPlanRequest> = {}): RecordedPlanRequest {
  mkdirSync(join(dir, 'known'), { recursive: true })
  writeFileSync(join(dir, 'known/measurement-known-known.json'), JSON.stringify(MEASURED))
  return {
    request: parsePlanRequest({ rate: '100', slo: 'p99<40ms' }),
    confirms: true,
    app: null,
    dependencies: [],
    nodePath: null,
    pythonPath: null,
    timeoutS: 5,
    options: {},
    resumed: null,
    seed: 1,
    out: null,
    from: [join(dir, 'known')],
    models: [],
    workload: null,
    ...changes,
  }
}

function planIn(folder: string): PlanResult {
  return JSON.parse(readFileSync(join(dir, folder, 'plan.json'), 'utf8')) as PlanResult
}

describe('a plan from results', () => {
  test('is computed in pieces that it reports, and leaves nothing where no folder is named', async () => {
    const run = runServerPlan(await prepareRecordedPlan(recorded()), new AbortController().signal)
    const events: ExperimentEvent[] = []
    for await (const event of run) events.push(event)
    const outcome = await run
    expect(outcome.dir).toBeNull()
    expect(outcome.result.models[0]?.server).toMatchObject({ machines: 1, workersPerMachine: 1 })
    expect(events[0]).toMatchObject({ type: 'run-started', dir: null })
    const parts = events.flatMap((event) => (event.type === 'computing' ? [event.what] : []))
    expect(parts.slice(0, 2)).toEqual([
      'known: fitting the simulation to what was measured',
      'known: the smallest server',
    ])
    expect(parts).toContain('known: if 2 times the rate')
    expect(readdirSync(dir)).toEqual(['known'])
  })

  test('is kept with what it was made from where a folder is named', async () => {
    const prepared = await prepareRecordedPlan(recorded({ out: join(dir, 'planned') }))
    const { result } = await runServerPlan(prepared, new AbortController().signal)
    expect(planIn('planned').models).toEqual(result.models)
    const kept = readFileSync(join(dir, 'planned/measurement-known-known.json'), 'utf8')
    expect((JSON.parse(kept) as CapacityMeasurement).rates).toEqual(MEASURED.rates)
  })

  test('hears an abort between two pieces', async () => {
    const stop = new AbortController()
    const run = runServerPlan(await prepareRecordedPlan(recorded()), stop.signal)
    const parts: string[] = []
    const reading = (async () => {
      for await (const event of run) {
        if (event.type !== 'computing') continue
        parts.push(event.what)
        if (parts.length === 2) stop.abort(new Error('Ctrl-C'))
      }
    })()
    await expect(Promise.resolve(run)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await reading.catch(() => undefined)
    expect(parts).toHaveLength(2)
  })

  test.each([
    [{ models: ['cluster'] }, 'a measured model that exists, got "cluster"'],
    [{ workload: 'io' }, 'a measured workload that exists, got "io"'],
    [{ from: ['/nowhere'] }, 'which does not exist'],
  ])('%j is refused before anything is computed', async (changes, words) => {
    await expect(prepareRecordedPlan(recorded(changes))).rejects.toThrow(words)
  })
})

describe('a plan with models that are measured for it', () => {
  const asked = {
    request: parsePlanRequest({ rate: '100', slo: 'p99<60ms' }),
    confirms: true,
    models: [singleModel()],
    workload: scriptedWorkload('cpu'),
    app: null,
    dependencies: [],
    nodePath: null,
    pythonPath: null,
    timeoutS: 5,
    options: {},
    resumed: null,
    seed: 1,
    budgetS: 40,
  }

  test('measures, plans, runs the answer once, and keeps all of it', async () => {
    const prepared = await prepareMeasuredPlan({ ...asked, out: join(dir, 'planned') })
    const world = scriptedWorld(queueScript(() => ({ routing: 'one' })))
    const run = runServerPlan(prepared, new AbortController().signal, measuringWorld(world))
    const types: string[] = []
    for await (const { type } of run) types.push(type)
    const { result } = await run
    expect(result.models[0]?.server).toMatchObject({ machines: 1, workersPerMachine: 1 })
    expect(result.confirmations).toMatchObject([{ model: 'single', workers: 1, ratePerS: 100, met: true, faults: [] }])
    const [confirmed] = result.confirmations[0]?.latency ?? []
    expect((confirmed?.measuredS ?? 0) / (confirmed?.predictedS ?? 1)).toBeGreaterThan(0.6)
    expect((confirmed?.measuredS ?? 0) / (confirmed?.predictedS ?? 1)).toBeLessThan(1.6)
    expect(planIn('planned').confirmations).toEqual(result.confirmations)
    const order = ['run-started', 'launch-finished', 'computing', 'confirmation-finished']
    expect(order.map((type) => types.indexOf(type))).toEqual(
      order.map((type) => types.indexOf(type)).toSorted((a, b) => a - b),
    )
    expect(types.filter((type) => type === 'confirmation-finished')).toHaveLength(1)
  })

  test('an abort while the answer is run keeps the plan without it', async () => {
    const stop = new AbortController()
    const prepared = await prepareMeasuredPlan({ ...asked, out: join(dir, 'planned') })
    const world = scriptedWorld(queueScript(() => ({ routing: 'one' })))
    const run = runServerPlan(prepared, stop.signal, measuringWorld(world))
    const reading = (async () => {
      for await (const event of run) {
        if (event.type === 'step-started' && event.label.startsWith('confirming')) stop.abort(new Error('Ctrl-C'))
      }
    })()
    await expect(Promise.resolve(run)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await reading.catch(() => undefined)
    expect(planIn('planned')).toMatchObject({ schema: 'forkwise/plan@1', confirmations: [] })
    expect(world.log.at(-1)).toMatch(/^stop /)
  })
})
