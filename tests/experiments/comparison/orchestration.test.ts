import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { plainTopology } from '../../../loadtest/cpu-topology.ts'
import { type Standing, standingsOf } from '../../../analysis/comparison/standing.ts'
import type { ServerModel } from '../../../cluster/model.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import type { Workload } from '../../../core/load.ts'
import type { ExperimentPlan, Manifest, Verdict } from '../../../core/records.ts'
import { blockOrder } from '../../../experiments/comparison/block.ts'
import { type BlockTask, runBlocks } from '../../../experiments/comparison/blocks.ts'
import { analyseRun } from '../../../experiments/comparison/comparison.ts'
import { LEAST_BLOCKS } from '../../../analysis/comparison/verdict.ts'
import { makePlan, type PlanRequest, trialCount } from '../../../experiments/comparison/plan.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { readRun, RunStore, type StoredRun } from '../../../store/comparison-folder.ts'
import { madeUpRun } from '../../analysis/made-up-run.ts'
import { type Script, scriptedModel, scriptedWorkload, type ScriptedWorld, scriptedWorld } from '../scripted-world.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-orchestration-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const MODELS = [scriptedModel('single'), scriptedModel('cluster')]
const THREE = [...MODELS, scriptedModel('pm2-fork')]
const WORKLOADS = [scriptedWorkload('io')]

interface Orchestrated {
  readonly world: ScriptedWorld
  readonly plan: ExperimentPlan
  readonly store: RunStore
  readonly task: BlockTask
}

function planned(models: readonly ServerModel[], workloads: readonly Workload[], blocks: number): ExperimentPlan {
  const request: PlanRequest = {
    models: models.map(({ id }) => id),
    baseline: models[0]?.id ?? '',
    workloads: workloads.map(({ id }) => id),
    workers: 2,
    seed: 1,
    metrics: true,
    app: null,
    nodePath: null,
    timeoutS: 5,
    topology: plainTopology(2),
    extent: { kind: 'blocks', blocks },
  }
  return makePlan(request)
}

function orchestrated(
  script: Script = {},
  {
    models = MODELS,
    workloads = WORKLOADS,
    blocks = 3,
    name = 'run',
  }: { models?: readonly ServerModel[]; workloads?: readonly Workload[]; blocks?: number; name?: string } = {},
): Orchestrated {
  const plan = planned(models, workloads, blocks)
  const world = scriptedWorld(script, plan)
  const store = RunStore.create(join(dir, name))
  const manifest: Manifest = {
    ...madeUpRun({ models: plan.models, workloads: plan.workloads, blocks: 0 }, () => null).manifest,
    plan,
  }
  store.writeManifest(manifest)
  const { context, emit } = world
  const finished = { pilot: null, trials: [], blocks: [] }
  const task = { plan, models, workloads, context, store, emit, finished, standings: standingsOf }
  return { world, plan, store, task }
}

function typesOf(events: readonly ExperimentEvent[], ...types: ExperimentEvent['type'][]): ExperimentEvent[] {
  return events.filter(({ type }) => types.includes(type))
}

describe('a comparison', () => {
  test('launches every model once in the pilot, then in each block in its seeded order, and ends each before the next', async () => {
    const { world, plan, task } = orchestrated()
    await runBlocks(task)
    const starts = world.log
      .filter((line) => line.startsWith('start '))
      .map((line) => line.slice(6).replace(/-\d+$/, ''))
    const expected = [1, 2, 3].flatMap((block) => blockOrder(plan, plan.models, 'io', block).map(({ model }) => model))
    expect(starts).toEqual(['single', 'cluster', ...expected])
    const running = new Set<string>()
    for (const line of world.log) {
      const [verb, name = ''] = line.split(' ')
      if (verb === 'start') expect(running.size).toBe(0)
      if (verb === 'start') running.add(name)
      if (verb === 'stop') running.delete(name)
    }
    expect(running.size).toBe(0)
  })

  test('measures a closed loop at saturation and then an open loop at 0.6 of the lowest capacity, the same for all', async () => {
    const { world, store, task } = orchestrated({ rate: (model) => (model === 'single' ? 500 : 900) })
    await runBlocks(task)
    const { pilot, trials } = store.run()
    expect(pilot?.commonRates).toEqual({ io: 300 })
    for (const trial of trials) {
      expect(trial.outcome).toBe('valid')
      expect(trial.outcome !== 'failed' && trial.latency?.load.load).toMatchObject({ kind: 'open', ratePerS: 300 })
    }
    const slices = world.log.filter((line) => / single-1 /.test(line)).map((line) => line.split(' ')[0])
    expect(slices).toEqual(['closed', 'open'])
  })

  test('drops a disturbed block as a whole, replaces it, and keeps why', async () => {
    // The pilot has two slices, each trial two: the sixth slice is in the first block.
    const { world, store, task } = orchestrated({ foreignCores: (slice) => (slice === 5 ? 1.5 : 0) })
    await runBlocks(task)
    const { blocks, trials } = store.run()
    expect(blocks.map(({ block, kept }) => [block, kept])).toEqual([
      [1, false],
      [2, true],
      [3, true],
      [4, true],
    ])
    expect(blocks[0]?.reasons[0]).toMatch(/other programs used 75 % of each core .* during b01-/)
    expect(trials.filter(({ block }) => block === 1)).toHaveLength(2)
    expect(typesOf(world.events, 'block-dropped')).toHaveLength(1)
    const result = analyseRun(store.run())
    expect(result.validity.blocksDropped).toHaveLength(1)
    expect(result.cells.every(({ blocks }) => blocks === 3)).toBe(true)
  })

  test('gives up replacing blocks when twice as many as planned were begun', async () => {
    const { store, task } = orchestrated({ foreignCores: () => 2 })
    await runBlocks(task)
    expect(store.run().blocks.map(({ kept }) => kept)).toEqual([false, false, false, false, false, false])
  })

  test('waits for other programs before a block, but only as long as its patience lasts', async () => {
    const { world, plan, task } = orchestrated({ waitingCores: () => 2 })
    await runBlocks(task)
    const waitedS = typesOf(world.events, 'waiting').length * 0.25
    expect(waitedS).toBeGreaterThan(0.2 * plan.expectedS - 0.5)
    expect(waitedS).toBeLessThanOrEqual(0.2 * plan.expectedS + 0.25)
    const patient = orchestrated({ waitingCores: (look) => (look < 3 ? 1 : 0) }, { name: 'patient' })
    await runBlocks(patient.task)
    expect(typesOf(patient.world.events, 'waiting')).toHaveLength(3)
  })

  test('ends a workload once all that can be called is called, and says so', async () => {
    // So few requests that no allowed number of blocks has the samples that p95 and p99 need.
    const { world, store, plan, task } = orchestrated(
      { rate: (model) => (model === 'single' ? 100 : 180) },
      { blocks: LEAST_BLOCKS },
    )
    await runBlocks(task)
    const run = store.run()
    expect(run.blocks).toHaveLength(plan.looks?.from ?? 0)
    const text =
      'io needs no more than 5 of the 8 blocks: 3 of 5 comparisons are called, and more blocks would not call the rest.'
    expect(typesOf(world.events, 'note')).toMatchObject([{ text }])
    expect(typesOf(world.events, 'stopping-early')).toHaveLength(1)
    const { verdicts, validity } = analyseRun(run)
    expect(verdicts.map(({ call }) => call)).toEqual(['better', 'better', 'same', 'inconclusive', 'inconclusive'])
    expect(validity).toMatchObject({
      blocksKept: 5,
      settled: ['io'],
      notes: expect.arrayContaining([text]) as string[],
    })
  })

  test('goes on beyond the plan where something is open and there is time, but begins at most twice as many blocks', async () => {
    const open = (run: StoredRun): Standing[] => [
      { workload: 'io', blocks: run.blocks.length, called: 4, open: 1, closed: 0 },
    ]
    const leisurely = orchestrated({}, { blocks: LEAST_BLOCKS })
    await runBlocks({ ...leisurely.task, standings: open })
    expect(leisurely.store.run().blocks).toHaveLength(leisurely.plan.maxBlocks)
    const hurried = orchestrated({}, { blocks: LEAST_BLOCKS, name: 'hurried' })
    await runBlocks({
      ...hurried.task,
      standings: open,
      plan: { ...hurried.plan, expectedS: 10 },
      nowMs: () => hurried.world.log.length * 1000,
    })
    expect(hurried.store.run().blocks).toHaveLength(LEAST_BLOCKS)
  })
})

test('verdicts of the blocks so far come between blocks only, by the rules of the report, and end no run', async () => {
  const { world, store, task } = orchestrated({}, { blocks: 3 })
  const looked: number[] = []
  const provisional = (run: StoredRun): readonly Verdict[] => {
    looked.push(run.blocks.length)
    return analyseRun(run).verdicts
  }
  await runBlocks({ ...task, provisional })
  expect(looked).toEqual([1, 2])
  expect(store.run().blocks).toHaveLength(3)
  const types = world.events.map(({ type }) => type)
  const places = types.flatMap((type, place) => (type === 'verdicts' ? [place] : []))
  expect(places).toHaveLength(2)
  for (const place of places) {
    expect(types[place - 1]).toMatch(/^block-/)
    expect(types.slice(0, place).filter((type) => type === 'trial-started').length).toBe(
      types.slice(0, place).filter((type) => type === 'trial-finished').length,
    )
  }
  expect(typesOf(world.events, 'verdicts')).toMatchObject([{ provisional: true }, { provisional: true }])
})

describe('a budget', () => {
  /** A clock on which each launch, slice and end of a server takes a second. */
  function slowly({ task, world, plan }: Orchestrated, budgetS?: number): Promise<void> {
    const changed = budgetS === undefined ? plan : { ...plan, budgetS }
    return runBlocks({ ...task, plan: changed, nowMs: () => world.log.length * 1000 })
  }

  test('that is used up ends the run after a whole round, and says what the rest would take', async () => {
    const run = orchestrated({}, { blocks: 8 })
    await slowly(run, 30)
    const kept = run.store.run().blocks.length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(8)
    expect(run.world.log.length).toBeLessThanOrEqual(33)
    expect(typesOf(run.world.events, 'stopping-early')).toMatchObject([
      {
        because: expect.stringMatching(
          new RegExp(
            `^the budget of 30 s is used up after ${kept} of 8 blocks; the rest would take about \\d+ (s|min)\\b.* more`,
          ),
        ),
      },
    ])
  })

  test('of which there is enough changes nothing, and the time left is known after the pilot and each round', async () => {
    const run = orchestrated({}, { blocks: 4 })
    await slowly(run, 1000)
    expect(run.store.run().blocks).toHaveLength(4)
    const left = typesOf(run.world.events, 'time-left').map((event) => event.type === 'time-left' && event.seconds)
    expect(left).toHaveLength(4)
    expect([...left].sort((a, b) => Number(b) - Number(a))).toEqual(left)
  })

  test('that nobody named leaves all blocks, with a word when they take longer than announced', async () => {
    const run = orchestrated({}, { blocks: 8 })
    await slowly({ ...run, plan: { ...run.plan, expectedS: 20 } })
    expect(run.store.run().blocks).toHaveLength(8)
    const said = typesOf(run.world.events, 'note').map((event) => (event.type === 'note' ? event.text : ''))
    expect(said.filter((text) => text.startsWith('Blocks take longer here than planned'))).toHaveLength(1)
  })
})

describe('a dependency that dies', () => {
  test('costs its block alone, which ends at once and is replaced', async () => {
    const { store, world, task } = orchestrated({
      dependencyTrouble: (slices) => (slices === 4 ? ['the dependency process was ended by SIGKILL'] : []),
    })
    await runBlocks(task)
    const { blocks, trials } = store.run()
    expect(blocks.map(({ kept }) => kept)).toEqual([false, true, true, true])
    expect(blocks[0]?.reasons).toEqual(['the dependency process was ended by SIGKILL'])
    expect(trials.filter(({ block }) => block === 1)).toHaveLength(1)
    expect(typesOf(world.events, 'block-dropped')).toHaveLength(1)
  })

  test('in the pilot has the model tried again instead of refusing it', async () => {
    let asked = 0
    const { store, task } = orchestrated({
      dependencyTrouble: () => (asked++ === 0 ? ['the dependency process died'] : []),
    })
    await runBlocks(task)
    expect(store.run().pilot?.refused).toEqual([])
    expect(store.run().blocks.every(({ kept }) => kept)).toBe(true)
  })
})

describe('a model', () => {
  test('that answers differently is left out of the blocks, with the reason', async () => {
    const { world, store, task } = orchestrated(
      { body: (model) => (model === 'cluster' ? 'another' : 'one') },
      { models: THREE },
    )
    await runBlocks(task)
    const { pilot, trials } = store.run()
    expect(pilot?.refused).toMatchObject([{ model: 'cluster', reason: expect.stringContaining('differ') }])
    expect(pilot?.refused[0]).not.toHaveProperty('workload')
    expect(typesOf(world.events, 'model-refused')).toMatchObject([{ model: 'cluster' }])
    expect(new Set(trials.map(({ model }) => model))).toEqual(new Set(['single', 'pm2-fork']))
  })

  test('of an app of the user’s own is let in when what differs turns out to vary under the baseline, too', async () => {
    const dayAfterS = 4
    const day = (world: ScriptedWorld): string => (world.context.instrument.nowS() > dayAfterS ? 'Tuesday' : 'Monday')
    const { world, store, task } = orchestrated(
      { body: (model) => `${model === 'pm2-fork' ? 'closed on' : 'it is'} ${day(world)}` },
      { models: THREE },
    )
    await runBlocks({ ...task, plan: { ...task.plan, app: '/app.js' } })
    const { pilot } = store.run()
    expect(pilot?.refused).toMatchObject([{ model: 'pm2-fork' }])
    expect(pilot?.notes.join(' ')).toMatch(/vary|varies/)
    const starts = world.log.filter((line) => line.startsWith('start '))
    // The baseline twice, cluster, the baseline once more, cluster again, pm2-fork, the baseline once more.
    expect(starts.slice(0, 7).map((line) => line.replace(/^start |-\d+$/g, ''))).toEqual(
      'single single cluster single cluster pm2-fork single'.split(' '),
    )
  })

  test('that answers one workload otherwise is left out of that one alone', async () => {
    const workloads = [scriptedWorkload('io'), scriptedWorkload('cpu')]
    const odd = workloads[1]?.requests[0]?.path
    const { store, task } = orchestrated(
      { body: (model, path) => (model === 'cluster' && path === odd ? 'another' : 'one') },
      { models: THREE, workloads },
    )
    await runBlocks(task)
    const run = store.run()
    expect(run.pilot?.refused).toMatchObject([{ model: 'cluster', workload: 'cpu' }])
    const measured = new Set(run.trials.map(({ model, workload }) => `${model} ${workload}`))
    expect(measured).toEqual(new Set(['single io', 'cluster io', 'pm2-fork io', 'single cpu', 'pm2-fork cpu']))
    const { cells, unavailable } = analyseRun(run)
    expect(cells.find(({ model, workload }) => model === 'cluster' && workload === 'io')?.blocks).toBeGreaterThan(0)
    expect(unavailable).toMatchObject([{ model: 'cluster', workload: 'cpu' }])
  })

  test('that alone would be left beside the baseline ends the run early, saying so', async () => {
    const { world, store, task } = orchestrated({ status: (model) => (model === 'cluster' ? 500 : 200) })
    await expect(runBlocks(task)).rejects.toThrow(/at least two models.*got single alone.*cluster is left out/)
    expect(store.run().trials).toEqual([])
    expect(world.log.filter((line) => line.startsWith('start '))).toHaveLength(2)
  })

  test('without which the baseline would be alone under a workload: that one is not measured', async () => {
    const workloads = [scriptedWorkload('io'), scriptedWorkload('cpu')]
    const odd = workloads[1]?.requests[0]?.path
    const { world, store, task } = orchestrated(
      { body: (model, path) => (model === 'cluster' && path === odd ? 'another' : 'one') },
      { workloads },
    )
    await runBlocks(task)
    expect(new Set(store.run().trials.map(({ workload }) => workload))).toEqual(new Set(['io']))
    expect(typesOf(world.events, 'note')).toMatchObject([{ text: expect.stringMatching(/Under cpu only single/) }])
  })

  test('that does not start in the pilot is left out; the baseline ends the run', async () => {
    const failing = (id: string): Script => ({
      launchError: (model) => (model === id ? new ForkwiseError('START_FAILED', { message: 'No port.' }) : null),
    })
    const candidate = orchestrated(failing('cluster'), { name: 'candidate', models: THREE })
    await runBlocks(candidate.task)
    expect(candidate.store.run().pilot?.refused).toMatchObject([{ model: 'cluster', reason: 'No port.' }])
    const baseline = orchestrated(failing('single'), { name: 'baseline' })
    await expect(runBlocks(baseline.task)).rejects.toThrow(/The baseline single failed before anything was measured/)
  })

  test('that fails in one trial costs its block, which is measured again, and its server is ended', async () => {
    const { world, store, task } = orchestrated({
      rate: (model, _, launch) => (model === 'cluster' && launch === 2 ? new Error('reset') : 100),
    })
    await runBlocks(task)
    const { trials, blocks } = store.run()
    const failed = trials.filter(({ outcome }) => outcome === 'failed')
    expect(failed).toMatchObject([{ model: 'cluster', block: 2, error: { message: 'reset' } }])
    expect(blocks.map(({ kept }) => kept)).toEqual([true, false, true, true])
    expect(blocks[1]?.reasons).toEqual(['b02-cluster-io: reset'])
    expect(world.log.filter((line) => line.startsWith('start '))).toHaveLength(
      world.log.filter((line) => line.startsWith('stop ')).length,
    )
  })

  test('that fails again costs its own trials alone', async () => {
    const { store, task } = orchestrated({
      rate: (model, _, launch) => (model === 'cluster' && launch > 0 ? new Error('reset') : 100),
    })
    await runBlocks(task)
    const { trials, blocks } = store.run()
    expect(blocks.map(({ kept }) => kept)).toEqual([false, true, true, true])
    const failed = trials.filter(({ outcome, block }) => outcome === 'failed' && block > 1)
    expect(failed.map(({ model, block }) => [model, block])).toEqual([2, 3, 4].map((block) => ['cluster', block]))
    expect(
      trials.filter(({ model, outcome, block }) => model === 'single' && outcome === 'valid' && block > 1),
    ).toHaveLength(trials.filter(({ model, block }) => model === 'single' && block > 1).length)
  })

  test('whose counts differ from the client has invalid trials', async () => {
    const { store, task } = orchestrated({
      extraCount: (model, launch) => (model === 'cluster' && launch === 1 ? 7 : 0),
    })
    await runBlocks(task)
    const invalid = store.run().trials.filter(({ outcome }) => outcome === 'invalid')
    expect(invalid).toMatchObject([{ model: 'cluster', block: 1 }])
    expect(invalid[0]?.outcome !== 'failed' && invalid[0]?.reasons[0]).toMatch(/disagree/)
  })

  test('whose latency slice was not loaded as asked for costs its block the latencies alone, and the time for another is given', async () => {
    const { store, plan, world, task } = orchestrated(
      { unsent: (model, launch) => (model === 'cluster' && launch <= 2 ? 1 : 0) },
      { blocks: LEAST_BLOCKS },
    )
    const standings = (run: StoredRun): Standing[] => [
      { workload: 'io', blocks: run.blocks.length, called: 4, open: 1, closed: 0 },
    ]
    // As much time as the planned blocks take: each start, slice and end of a server a second.
    const expectedS = 2 * 4 + trialCount(plan) * 4
    await runBlocks({ ...task, standings, plan: { ...plan, expectedS }, nowMs: () => world.log.length * 1000 })
    const { blocks } = store.run()
    expect(blocks.every(({ kept }) => kept)).toBe(true)
    expect(blocks).toHaveLength(LEAST_BLOCKS + 2)
  })
})

describe('an interruption', () => {
  test('ends the run at once and keeps what was finished; a resumed run goes on with a whole new block', async () => {
    const first = orchestrated({}, { blocks: 4 })
    const emit = first.task.emit
    const stopped = {
      ...first.task,
      emit: (event: ExperimentEvent) => {
        emit(event)
        if (event.type === 'trial-finished' && event.trial.block === 2) first.world.abort.abort(new Error('Ctrl-C'))
      },
    }
    await expect(runBlocks(stopped)).rejects.toThrow('Ctrl-C')
    const { trials, blocks } = readRun(first.store.dir)
    expect(blocks.map(({ block }) => block)).toEqual([1])
    expect(trials.map(({ block }) => block)).toEqual([1, 1, 2])

    const world = scriptedWorld({}, first.plan)
    const run = readRun(first.store.dir)
    const store = RunStore.resume(run)
    await runBlocks({ ...first.task, context: world.context, emit: world.emit, store, finished: run })
    expect(world.log.some((line) => line.includes('single-0'))).toBe(true)
    expect(store.run().blocks.map(({ block }) => block)).toEqual([1, 3, 4, 5])
    expect(readRun(store.dir).trials).toHaveLength(3 + 6 + (first.plan.control ? 2 : 0))
    expect(typesOf(world.events, 'pilot-finished')).toHaveLength(1)
  })
})

test('what is kept in memory is what is on disk', async () => {
  const { store, task } = orchestrated()
  await runBlocks(task)
  const inMemory = store.run()
  const onDisk = readRun(store.dir)
  expect(inMemory.trials).toEqual(onDisk.trials)
  expect(inMemory.blocks).toEqual(onDisk.blocks)
  expect(analyseRun(inMemory)).toEqual(analyseRun(onDisk))
  expect(readFileSync(join(store.dir, 'trials.ndjson'), 'utf8')).not.toContain('"histogram":"H')
})
