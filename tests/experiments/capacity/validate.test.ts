import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type MeasuredValidationRequest,
  prepareMeasuredValidation,
  prepareRecordedValidation,
  runValidation,
} from '../../../experiments/capacity/validate.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import type { ValidationResult } from '../../../store/capacity-findings.ts'
import { KNOWN, measureKnown } from '../../analysis/capacity/synthetic-measurement.ts'
import { scriptedWorkload, scriptedWorld } from '../scripted-world.ts'
import { measuringWorld, queueScript, singleModel, virtualScript } from './scripted-queue.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-validate-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function asked(changes: Partial<MeasuredValidationRequest> = {}): MeasuredValidationRequest {
  return {
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
    out: join(dir, 'validated'),
    budgetS: 400,
    cases: 0,
    ...changes,
  }
}

describe('a validation with models that are measured for it', () => {
  test('measures, searches, and holds predictions against what they were not made from', async () => {
    const world = scriptedWorld(queueScript(() => ({ routing: 'one' })))
    const run = runValidation(
      await prepareMeasuredValidation(asked()),
      new AbortController().signal,
      measuringWorld(world),
    )
    const events: ExperimentEvent[] = []
    for await (const event of run) events.push(event)
    const { result, dir: kept } = await run
    // A simulated server is the very one that the predictions simulate.
    const judged = result.rows.filter(({ goal }) => goal !== null)
    expect(judged.some(({ what }) => what === 'p99')).toBe(true)
    expect(judged.filter(({ passed }) => !passed)).toEqual([])
    // Either the search determines its highest rate within the goal, or the result says that it was left open.
    const found = result.rows.some(({ what }) => what === 'highest rate')
    expect(result.complete).toBe(found)
    expect(result.notes.some((note) => note.includes('left it open'))).toBe(!found)
    expect(result.passed).toBe(found)
    expect(readFileSync(join(kept ?? '', 'validation.json'), 'utf8')).toContain('forkwise/validation@1')
    const types = events.map(({ type }) => type)
    const order = ['run-started', 'launch-finished', 'search-finished', 'model-validated'] as const
    const places = order.map((type) => types.indexOf(type))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  test('leaves a highest rate open where every rate of its search misses the objective', async () => {
    const script = queueScript(() => ({ routing: 'one' }))
    // From the search on the server is slower than anything that was predicted.
    const world = scriptedWorld({
      ...script,
      latenciesMs: (load, requests, server) => {
        const latencies = [...(script.latenciesMs?.(load, requests, server) ?? [])]
        return server.launch >= 5 ? latencies.map((ms) => ms * 50) : latencies
      },
    })
    const prepared = await prepareMeasuredValidation(asked())
    const { result } = await runValidation(prepared, new AbortController().signal, measuringWorld(world))
    expect(result).toMatchObject({ complete: false, passed: false })
    expect(result.notes.join(' ')).toContain('left it open')
    expect(result.rows.some(({ what }) => what === 'highest rate')).toBe(false)
  })

  test('plans worker counts for virtual servers and tries them out, no more routings than cases', async () => {
    const world = scriptedWorld(virtualScript())
    const prepared = await prepareMeasuredValidation(asked({ models: [], cases: 1 }))
    const run = runValidation(prepared, new AbortController().signal, measuringWorld(world))
    const events: ExperimentEvent[] = []
    for await (const event of run) events.push(event)
    const { result } = await run
    expect(result.counts).toHaveLength(1)
    const [row] = result.counts
    expect(row?.routing).toBe('central-queue')
    expect(['exact', 'one more']).toContain(row?.verdict)
    expect(events.filter(({ type }) => type === 'count-validated')).toMatchObject([{ row }])
    expect(world.log.every((line) => line.includes('virtual-central-queue'))).toBe(true)
    // At least the planned count and one less were tried.
    const tries = events.flatMap((event) =>
      event.type === 'step-started' && event.label.includes('within') ? [event.label] : [],
    )
    expect(tries.length).toBeGreaterThanOrEqual(2)
    expect(tries.some((label) => label.endsWith(`: ${row?.needed} workers`))).toBe(true)
  })

  test('a budget that is too short is refused before anything is started', async () => {
    await expect(prepareMeasuredValidation(asked({ budgetS: 20 }))).rejects.toThrow(/`--budget` to leave/)
  })
})

describe('a validation with results', () => {
  function recorded(): string {
    mkdirSync(join(dir, 'known'))
    const measured = measureKnown({ ...KNOWN, sigma: 0 }, { workers: [1, 2], requests: 6000 })
    writeFileSync(join(dir, 'known/measurement-known-known.json'), JSON.stringify(measured))
    return join(dir, 'known')
  }

  test('needs no world and keeps nothing', async () => {
    const prepared = prepareRecordedValidation({ from: [recorded()], seed: 3 })
    const outcome = await runValidation(prepared, new AbortController().signal)
    expect(outcome.dir).toBeNull()
    const expected: Partial<ValidationResult> = { seed: 3, passed: true, complete: true, counts: [] }
    expect(outcome.result).toMatchObject(expected)
    expect(outcome.result.rows.length).toBeGreaterThan(0)
  })

  test('hears an abort', async () => {
    const prepared = prepareRecordedValidation({ from: [recorded()], seed: 3 })
    const run = runValidation(prepared, AbortSignal.abort(new Error('Ctrl-C')))
    await expect(Promise.resolve(run)).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})
