import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import {
  type HighestRateRequest,
  prepareHighestRate,
  runHighestRate,
} from '../../../experiments/capacity/highest-rate.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { scriptedModel, scriptedWorkload, scriptedWorld } from '../scripted-world.ts'
import { BUSY_S, measuringWorld, queueScript, singleModel } from './scripted-queue.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-highest-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function asked(changes: Partial<HighestRateRequest> = {}): HighestRateRequest {
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
    out: join(dir, 'capacity'),
    slo: parseSlo('p99<50ms'),
    workers: 2,
    budgetS: 200,
    width: 0.05,
    ...changes,
  }
}

function keptRates(model: string): CapacityMeasurement['rates'] {
  const text = readFileSync(join(dir, 'capacity', `measurement-${model}-cpu.json`), 'utf8')
  return (JSON.parse(text) as CapacityMeasurement).rates
}

describe('capacity', () => {
  test('measures rates of every model, searches its highest one below saturation, and keeps both', async () => {
    const world = scriptedWorld(queueScript())
    const models = [singleModel(), scriptedModel('cluster')]
    const run = runHighestRate(
      await prepareHighestRate(asked({ models })),
      new AbortController().signal,
      measuringWorld(world),
    )
    const events: ExperimentEvent[] = []
    for await (const event of run) events.push(event)
    const { result } = await run
    expect(result.models.map(({ model, workers }) => [model, workers])).toEqual([
      ['single', 1],
      ['cluster', 2],
    ])
    for (const { workers, search, saturationPerS, model } of result.models) {
      expect(saturationPerS.estimate).toBeCloseTo(workers / BUSY_S, 0)
      // A queue of services of 5 ms has its p99 at 50 ms well below saturation and well above a third of it.
      expect(search.passedPerS).toBeGreaterThan(0.5 * saturationPerS.estimate)
      expect(search.passedPerS).toBeLessThan(saturationPerS.estimate)
      expect(search.tookS).toBeLessThanOrEqual(0.6 * 200)
      expect(keptRates(model).filter(({ block }) => block === 0).length).toBeGreaterThanOrEqual(search.trials)
    }
    expect(readdirSync(join(dir, 'capacity')).toSorted()).toEqual([
      'capacity.json',
      'manifest.json',
      'measurement-cluster-cpu.json',
      'measurement-single-cpu.json',
      'seal.json',
      'searches.ndjson',
      'timeline.ndjson',
    ])
    expect(events[0]).toMatchObject({ type: 'run-started', experiment: 'capacity', steps: null, expectedS: 400 })
    expect(events.filter(({ type }) => type === 'search-finished')).toHaveLength(2)
  })

  test('an objective that no rate meets is a result', async () => {
    const request = asked({ slo: parseSlo('p99<2ms'), budgetS: 60 })
    const world = measuringWorld(scriptedWorld(queueScript()))
    const { result } = await runHighestRate(await prepareHighestRate(request), new AbortController().signal, world)
    expect(result.models[0]?.search).toMatchObject({ passedPerS: null, ended: 'below-lowest' })
  })

  test('a budget that is too short is refused before anything is started', async () => {
    await expect(prepareHighestRate(asked({ budgetS: 5 }))).rejects.toThrow(/`--budget` to leave \d+s for measuring/)
    expect(readdirSync(dir)).toEqual([])
  })

  test('an abort during the search keeps the rates and the trials before it', async () => {
    const stop = new AbortController()
    const world = measuringWorld(scriptedWorld(queueScript()))
    const run = runHighestRate(await prepareHighestRate(asked()), stop.signal, world)
    let trials = 0
    const reading = (async () => {
      for await (const event of run) if (event.type === 'rate-tried' && ++trials === 3) stop.abort(new Error('Ctrl-C'))
    })()
    await expect(Promise.resolve(run)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await reading.catch(() => undefined)
    expect(readdirSync(join(dir, 'capacity')).toSorted()).toEqual([
      'manifest.json',
      'measurement-single-cpu.json',
      'timeline.ndjson',
    ])
    expect(keptRates('single').filter(({ block }) => block === 0).length).toBeGreaterThanOrEqual(3)
    expect(keptRates('single').some(({ block }) => block > 0)).toBe(true)
  })
})
