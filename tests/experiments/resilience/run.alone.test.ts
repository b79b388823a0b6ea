import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findModel } from '../../../cluster/models.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { cellsOf } from '../../../experiments/resilience/cells.ts'
import { prepare } from '../../../experiments/prepare.ts'
import type { PreparedResilience } from '../../../experiments/resilience/prepare.ts'
import { analyseResilienceRun, runResilience } from '../../../experiments/resilience/run.ts'
import { readResilienceRun } from '../../../store/resilience-folder.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwr-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function prepared(models: readonly string[], faults: readonly string[]): Promise<PreparedResilience> {
  const ready = await prepare.resilience({ models, faults, repeats: 1, seed: 1, out: join(dir, 'run') })
  const plan = { ...ready.manifest.plan, baselineS: 1 }
  return {
    ...ready,
    manifest: { ...ready.manifest, plan },
    // A kill may wait three seconds for a worker that computes.
    faults: ready.faults.map((fault) => ({ ...fault, watchS: 5 })),
  }
}

test('a kill and a reload, injected for real: every request is accounted for, and who cannot be reloaded is not', async () => {
  const task = await prepared(['single', 'cluster'], ['kill', 'reload'])
  const cells = cellsOf({ ...task, plan: task.manifest.plan }).map(({ model, fault }) => `${model.id} ${fault.id}`)
  expect(cells.toSorted()).toEqual(['cluster kill', 'cluster reload', 'single kill'])
  const run = runResilience(task, new AbortController().signal)
  const events: ExperimentEvent[] = []
  for await (const event of run) events.push(event)
  const { result } = await run
  const { rows, failed } = result
  expect(failed).toEqual([])
  expect(analyseResilienceRun(readResilienceRun(join(dir, 'run')))).toEqual(result)
  expect(existsSync(join(dir, 'run', 'result.json'))).toBe(true)

  expect(events[0]).toMatchObject({ type: 'run-started', experiment: 'resilience', steps: 5 })
  expect(events.filter(({ type }) => type === 'step-started')).toHaveLength(5)
  const reported = events.filter(({ type }) => ['rates-found', 'cell-started', 'fault', 'cell-finished'].includes(type))
  const cell = ['cell-started', 'fault', 'fault', 'cell-finished']
  expect(reported.map(({ type }) => type)).toEqual(['rates-found', ...cell, ...cell, ...cell])
  expect(JSON.parse(JSON.stringify(reported))).toEqual(reported)

  for (const { sent, ok, connectionErrors, non2xx, hung, unfinished } of rows) {
    const ended = [ok, connectionErrors, non2xx, hung, unfinished].map(([count = 0]) => count)
    expect(sent[0]).toBe(ended.reduce((sum, count) => sum + count, 0))
  }
  const found = (model: string, fault: string): (typeof rows)[number] | undefined =>
    rows.find((row) => row.model === model && row.fault === fault)
  expect(found('single', 'kill')).toMatchObject({ unitsBackS: [null], fullStrengthS: [null] })
  expect(found('single', 'kill')?.connectionErrors[0]).toBeGreaterThan(0)
  expect(found('cluster', 'kill')?.ok[0]).toBeGreaterThan(found('single', 'kill')?.ok[0] ?? Infinity)
  expect(found('cluster', 'reload')).toMatchObject({ promise: 'kept' })
})

test('an abort in the middle of a fault undoes it, keeps what was finished, and leaves nothing', async () => {
  const task = await prepared(['single'], ['freeze'])
  const model = await findModel('single')
  const stop = new AbortController()
  const run = runResilience({ ...task, models: [model] }, stop.signal)
  let pids: readonly number[] = []
  const reading = (async () => {
    for await (const event of run) {
      if (event.type === 'units' && event.units.length > 0) pids = event.units.map(({ pid }) => pid)
      if (event.type === 'fault' && event.active) stop.abort()
    }
  })()
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await expect(reading).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(pids.length).toBeGreaterThan(0)
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(readResilienceRun(join(dir, 'run'))).toMatchObject({ rates: { capacities: [{ model: 'single' }] }, cells: [] })
})
