import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { analyseResilience } from '../../../analysis/resilience/resilience.ts'
import { trialSettings, withWorld } from '../../../experiments/world.ts'
import { findModel } from '../../../cluster/models.ts'
import { readResilienceRun, ResilienceFolder } from '../../../store/resilience-folder.ts'
import { cellsOf, runResilience } from '../../../experiments/resilience/experiment.ts'
import { loadFaults } from '../../../experiments/faults/faults.ts'
import { manifestOf } from '../../analysis/synthetic-resilience.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwr-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a kill and a reload, injected for real: every request is accounted for, and who cannot be reloaded is not', async () => {
  const models = [await findModel('single'), await findModel('cluster')]
  const faults = (await loadFaults())
    .filter(({ id }) => id === 'kill' || id === 'reload')
    .map((fault) => ({ ...fault, watchS: 2 }))
  const manifest = manifestOf(1)
  const plan = { ...manifest.plan, models: ['single', 'cluster'], faults: ['kill', 'reload'], baselineS: 1 }
  const folder = ResilienceFolder.create(join(dir, 'run'))
  const task = { plan, models, faults, folder }
  expect(
    cellsOf(task)
      .map(({ model, fault }) => `${model.id} ${fault.id}`)
      .toSorted(),
  ).toEqual(['cluster kill', 'cluster reload', 'single kill'])
  folder.writeManifest({ ...manifest, plan })
  const silent = { onCapacity: () => {}, onRates: () => {}, onCell: () => {}, onCellDone: () => {} }
  let sessionDir = ''
  await withWorld(
    trialSettings({ workers: plan.workers, seed: 1, timeoutS: plan.timeoutS, saturationS: 0.5 }),
    { signal: new AbortController().signal, emit: () => undefined },
    async (context) => {
      sessionDir = context.session.dir
      await runResilience(task, context, silent)
    },
  )
  expect(existsSync(sessionDir)).toBe(false)

  const run = readResilienceRun(folder.dir)
  const { rows, failed } = analyseResilience(run.manifest, run.rates, run.cells)
  expect(failed).toEqual([])
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
