import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { prepareMeasuredScale, runScale, type MeasuredScaleRequest } from '../../../experiments/capacity/scale.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { prepare } from '../../../experiments/prepare.ts'
import { scriptedModel, scriptedWorkload, type ScriptedWorld, scriptedWorld } from '../scripted-world.ts'
import { measuringWorld, singleModel } from './scripted-queue.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-scale-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function asked(changes: Partial<MeasuredScaleRequest> = {}): MeasuredScaleRequest {
  return {
    models: [scriptedModel('cluster')],
    workload: scriptedWorkload('io'),
    app: null,
    dependencies: [],
    nodePath: null,
    pythonPath: null,
    timeoutS: 5,
    options: {},
    resumed: null,
    seed: 1,
    out: join(dir, 'scaled'),
    workers: [1, 2],
    ratePerS: null,
    extent: { blocks: 3 },
    ...changes,
  }
}

function ratesOf(workers: number): number {
  return workers === 1 ? 500 : 900
}

function worldOf(): ScriptedWorld {
  return scriptedWorld({ rate: (_model, _workload, _launch, workers) => ratesOf(workers) })
}

describe('scale', () => {
  test('measures each count in each block and keeps measurement and result in its folder', async () => {
    const { signal } = new AbortController()
    const prepared = await prepareMeasuredScale(asked())
    const run = runScale(prepared, signal, measuringWorld(worldOf()))
    const events: ExperimentEvent[] = []
    for await (const event of run) events.push(event)
    const outcome = await run
    expect(outcome.dir).toBe(join(dir, 'scaled'))
    const points = outcome.result.models[0]?.points ?? []
    expect(points.map(({ workers, throughputPerS }) => [workers, Math.round(throughputPerS.estimate)])).toEqual([
      [1, 500],
      [2, 900],
    ])
    expect(readdirSync(join(dir, 'scaled')).toSorted()).toEqual([
      'manifest.json',
      'measurement-cluster-io.json',
      'scale.json',
      'seal.json',
      'timeline.ndjson',
    ])
    expect(JSON.parse(readFileSync(join(dir, 'scaled/scale.json'), 'utf8'))).toMatchObject({
      schema: 'forkwise/scale@1',
      id: prepared.id,
      seed: 1,
    })
    expect(events[0]).toMatchObject({ type: 'run-started', experiment: 'scale', dir: outcome.dir })
    const steps = events.filter(({ type }) => type === 'step-started')
    expect(events[0]).toMatchObject({ steps: steps.length })
    expect(JSON.parse(JSON.stringify(events))).toEqual(events)
  })

  test('fits as many blocks into a budget as it holds, and says when it holds none', async () => {
    const blocksIn = async (budgetS: number): Promise<number> =>
      (await prepareMeasuredScale(asked({ extent: { budgetS } }))).plan.blocks
    expect(await blocksIn(100)).toBeGreaterThan(await blocksIn(40))
    expect(await blocksIn(40)).toBeGreaterThan(1)
    await expect(blocksIn(2)).rejects.toThrow(/`--budget` to be at least \d+s for 2 worker counts, got 2s/)
    const fromCode = prepare.scale({ models: ['single'], workers: '1..2', budget: '2s' })
    await expect(fromCode).rejects.toThrow(/`budget` to be at least/)
  })

  test('names every model that cannot run before anything is started', async () => {
    const lacking = scriptedModel('lacking', { needs: async () => [{ what: 'No such part.', remedy: 'Install it.' }] })
    await expect(prepareMeasuredScale(asked({ models: [singleModel(), lacking] }))).rejects.toThrow(
      'lacking cannot run here: No such part.',
    )
    expect(existsSync(join(dir, 'scaled'))).toBe(false)
  })
})

describe('an interruption', () => {
  /** Runs and aborts at the first event of a type. */
  async function abortedAt(type: ExperimentEvent['type']): Promise<unknown> {
    const stop = new AbortController()
    const world = worldOf()
    const run = runScale(await prepareMeasuredScale(asked()), stop.signal, measuringWorld(world))
    const reader = (async () => {
      for await (const event of run) if (event.type === type) stop.abort(new Error('Ctrl-C'))
    })()
    const thrown = await Promise.resolve(run).catch((error: unknown) => error)
    await reader.catch(() => undefined)
    expect(world.log.filter((line) => line.startsWith('start '))).toHaveLength(
      world.log.filter((line) => line.startsWith('stop ')).length,
    )
    return thrown
  }

  test('keeps what was finished, says where, and how to go on', async () => {
    expect(await abortedAt('launch-finished')).toMatchObject({
      code: 'INTERRUPTED',
      problems: [{ message: expect.stringContaining('scaled'), hint: expect.stringContaining('scale --resume') }],
    })
    expect(readdirSync(join(dir, 'scaled')).toSorted()).toEqual([
      'manifest.json',
      'measurement-cluster-io.json',
      'timeline.ndjson',
    ])
  })

  test('before anything was finished leaves no folder', async () => {
    expect(await abortedAt('launch-started')).toMatchObject({
      code: 'INTERRUPTED',
      message: expect.stringContaining('nothing was kept'),
    })
    expect(existsSync(join(dir, 'scaled'))).toBe(false)
  })
})
