import { describe, expect, test } from 'vitest'
import { scalingOf } from '../../../analysis/capacity/scaling/scaling.ts'
import type { ServerModel } from '../../../cluster/model.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { machineFacts } from '../../../core/machine.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { measureCapacity, type MeasuringPlan, sliceCount } from '../../../experiments/capacity/measuring.ts'
import { modelSubject, type Subject } from '../../../experiments/capacity/subject.ts'
import { type Script, scriptedModel, scriptedWorkload, type ScriptedWorld, scriptedWorld } from '../scripted-world.ts'
import { singleModel } from './scripted-queue.ts'

const PLAN: MeasuringPlan = {
  workers: [1, 2, 3],
  rateWorkers: [1, 3],
  loads: [0.3, 0.5, 0.7],
  blocks: 2,
  saturationS: 1.5,
  unloadedS: 1,
  rateS: 2,
  seed: 1,
  patienceS: 0,
}

interface Measured {
  readonly world: ScriptedWorld
  readonly subjects: readonly Subject[]
  readonly kept: readonly CapacityMeasurement[]
  readonly run: Promise<CapacityMeasurement[]>
}

function measured(
  script: Script = {},
  plan: Partial<MeasuringPlan> = {},
  models: readonly ServerModel[] = [scriptedModel('cluster')],
  onKeep: (world: ScriptedWorld, kept: number) => void = () => undefined,
): Measured {
  const world = scriptedWorld(script)
  const { context, emit } = world
  const subjects = models.map((model) => modelSubject(model, scriptedWorkload('io'), context, null))
  const kept: CapacityMeasurement[] = []
  const keep = (measurement: CapacityMeasurement): void => {
    kept.push(measurement)
    onKeep(world, kept.length)
  }
  const run = measureCapacity(subjects, { ...PLAN, ...plan }, { context, machine: machineFacts(), emit, keep })
  return { world, subjects, kept, run }
}

function typesOf(events: readonly ExperimentEvent[]): string[] {
  return events.map(({ type }) => type)
}

/** Every launch with the slices in it, as the world saw them. */
function launchesIn({ log }: ScriptedWorld): string[][] {
  const launches: string[][] = []
  for (const line of log) {
    const [verb = '', name = ''] = line.split(' ')
    if (verb === 'start') launches.push([name])
    else if (verb === 'stop') expect(launches.at(-1)?.[0]).toBe(name)
    else launches.at(-1)?.push(verb)
  }
  return launches
}

describe('a run of measurements', () => {
  test('launches every worker count of every model once in each block, and ends each before the next', async () => {
    const { world, run } = measured({}, {}, [scriptedModel('cluster'), singleModel()])
    await run
    const launches = launchesIn(world).map(([name = ''], i) => `${name.replace(/-\d+$/, '')} ${world.workers[i]}`)
    const block = ['cluster 1', 'cluster 2', 'cluster 3', 'single 1']
    expect(launches.slice(0, 4).toSorted()).toEqual(block)
    expect(launches.slice(4).toSorted()).toEqual(block)
    expect(world.log.filter((line) => line.startsWith('stop '))).toHaveLength(8)
  })

  test('is in the order of its seed', async () => {
    const orderOf = async (seed: number): Promise<string> => {
      const { world, run } = measured({}, { seed })
      await run
      return world.workers.join(' ')
    }
    expect(await orderOf(7)).toBe(await orderOf(7))
    const orders = await Promise.all([1, 2, 3, 4, 5].map(orderOf))
    expect(new Set(orders).size).toBeGreaterThan(1)
  })

  test('measures saturation first, requests alone with the fewest workers, and rates of the counts that are asked for', async () => {
    const { world, run } = measured({}, { blocks: 1 })
    await run
    const slices = new Map(launchesIn(world).map(([, ...kinds], i) => [world.workers[i], kinds]))
    expect(slices.get(1)).toEqual(['closed', 'closed', 'open', 'open', 'open'])
    expect(slices.get(2)).toEqual(['closed'])
    expect(slices.get(3)).toEqual(['closed', 'open', 'open', 'open'])
  })

  test('reports each launch from its start to its end, and as many slices as it said', async () => {
    const { world, subjects, run, kept } = measured({}, { workers: [1], rateWorkers: [1], loads: [0.5], blocks: 2 })
    await run
    const launch = [
      'launch-started',
      'step-started',
      'slice-finished',
      'step-started',
      'slice-finished',
      'step-started',
      'slice-finished',
      'launch-finished',
    ]
    expect(typesOf(world.events)).toEqual([...launch, ...launch])
    expect(sliceCount(subjects, { ...PLAN, workers: [1], rateWorkers: [1], loads: [0.5] })).toBe(6)
    expect(world.events.filter(({ type }) => type === 'slice-finished')).toMatchObject([
      { launch: { block: 1, blocks: 2, workers: 1 }, slice: { kind: 'saturation', throughputPerS: 1000 } },
      { slice: { kind: 'unloaded', route: 'io' } },
      { slice: { kind: 'rate', ratePerS: 500 } },
      { launch: { block: 2 }, slice: { kind: 'saturation' } },
      { slice: { kind: 'unloaded' } },
      { slice: { kind: 'rate', ratePerS: 500 } },
    ])
    expect(JSON.stringify(world.events)).not.toContain('histogram')
    expect(kept.map(({ saturations }) => saturations.length)).toEqual([1, 2])
  })

  test('measures the rates of the first block in every block, whatever throughput later ones have', async () => {
    const { run } = measured(
      { rate: (_model, _workload, launch) => 1000 + 100 * launch },
      { workers: [1], rateWorkers: [1] },
    )
    const [measurement] = await run
    expect(measurement?.saturations.map(({ throughputPerS }) => throughputPerS)).toEqual([1000, 1100])
    const rates = (block: number): number[] =>
      (measurement?.rates ?? []).filter((rate) => rate.block === block).map(({ ratePerS }) => ratePerS)
    expect(rates(1).toSorted((a, b) => a - b)).toEqual([300, 500, 700])
    expect(rates(2).toSorted((a, b) => a - b)).toEqual([300, 500, 700])
  })
})

describe('other programs', () => {
  test('disturb the slice they run beside, and no other; analysis leaves it out', async () => {
    const { world, run } = measured(
      { foreignCores: (slice) => (slice === 2 ? 1.5 : 0) },
      { workers: [1], rateWorkers: [], blocks: 3, unloadedS: 0 },
    )
    const [measurement] = await run
    expect(measurement?.saturations.map(({ disturbed }) => disturbed.length)).toEqual([0, 0, 1])
    expect(measurement?.saturations[2]?.disturbed[0]).toMatch(/other programs used 75 % of each core/)
    expect(world.events.filter(({ type }) => type === 'slice-finished').at(-1)).toMatchObject({
      slice: { disturbed: [expect.stringContaining('other programs')] },
    })
    const scaling = scalingOf(measurement as CapacityMeasurement, null)
    expect(scaling).toMatchObject({ disturbedSlices: 1, slices: 3, blocks: 2 })
  })

  test('are waited for before a launch, as long as patience lasts', async () => {
    const busy = measured({ waitingCores: () => 2 }, { patienceS: 4, workers: [1], rateWorkers: [] })
    await busy.run
    const waiting = busy.world.events.filter(({ type }) => type === 'waiting')
    expect(waiting).toHaveLength(4 / 0.25)
    expect(waiting[0]).toEqual({ type: 'waiting', foreignCores: 2 })
    const quietSoon = measured({ waitingCores: (look) => (look < 3 ? 2 : 0) }, { patienceS: 4, workers: [1] })
    await quietSoon.run
    expect(typesOf(quietSoon.world.events).indexOf('launch-started')).toBe(3)
    const hasty = measured({ waitingCores: () => 2 }, { patienceS: 0 })
    await hasty.run
    expect(typesOf(hasty.world.events)).not.toContain('waiting')
  })

  test('are not waited for longer than ten seconds before one launch', async () => {
    const { world, run } = measured({ waitingCores: () => 2 }, { patienceS: 100, workers: [1], blocks: 1 })
    await run
    expect(world.events.filter(({ type }) => type === 'waiting')).toHaveLength(10 / 0.25)
  })
})

describe('what goes wrong', () => {
  test('a dependency that died speaks against the slices of its launch', async () => {
    const { run } = measured(
      { dependencyTrouble: (slices) => (slices === 2 ? ['the dependency was killed by SIGKILL'] : []) },
      { workers: [1], rateWorkers: [], blocks: 3, unloadedS: 0 },
    )
    const [measurement] = await run
    expect(measurement?.saturations.map(({ disturbed }) => disturbed)).toEqual([
      [],
      ['the dependency was killed by SIGKILL'],
      [],
    ])
  })

  test('an abort between two launches keeps what was finished and starts nothing more', async () => {
    const { world, kept, run } = measured({}, {}, undefined, ({ abort }, launches) => {
      if (launches === 2) abort.abort(new Error('Ctrl-C'))
    })
    await expect(run).rejects.toThrow('Ctrl-C')
    expect(kept.at(-1)?.saturations).toHaveLength(2)
    expect(world.workers).toHaveLength(2)
    expect(typesOf(world.events).at(-1)).toBe('launch-finished')
  })

  test('an abort in the middle of a launch keeps the launches before, and ends the server', async () => {
    const stopped: Script = {
      rate: (_model, _workload, launch) => (launch === 1 ? new Error('reset by the abort') : 1000),
    }
    const { world, kept, run } = measured(stopped)
    await expect(run).rejects.toThrow('reset by the abort')
    expect(kept).toHaveLength(1)
    expect(typesOf(world.events).at(-1)).toBe('step-started')
    expect(world.log.filter((line) => line.startsWith('start '))).toHaveLength(
      world.log.filter((line) => line.startsWith('stop ')).length,
    )
  })

  test('a server that does not start ends the run, and what was measured before is kept', async () => {
    const { kept, run } = measured({ launchError: (_model, launch) => (launch === 3 ? new Error('No port.') : null) })
    await expect(run).rejects.toThrow('No port.')
    expect(kept).toHaveLength(3)
  })
})

describe('what limits a model', () => {
  /** 20 ms a request, 50 answers per second and place, so that every place is taken all the time. */
  const bound: Script = {
    rate: (_model, _workload, _launch, workers) => 100 * workers,
    latenciesMs: (load, requests, { workers }) => {
      const queueing = load.kind === 'closed' && load.connections > 1 ? load.connections / (2 * workers) : 1
      return Array.from({ length: requests }, () => 20 * queueing)
    },
  }

  test('is its concurrency where every place for a request was taken, in launches before the unloaded latency too', async () => {
    const threaded = scriptedModel('threaded', { concurrency: ({ workers }) => 2 * workers })
    const { run, world } = measured(bound, { blocks: 2, rateWorkers: [] }, [threaded])
    const [measurement] = await run
    // The order of this seed begins with another count than the one whose unloaded latency is measured.
    expect(world.workers[0]).not.toBe(1)
    expect(measurement?.saturations.map(({ limit }) => limit)).toEqual(Array.from({ length: 6 }, () => 'workers'))
    const six = measurement?.saturations.find(({ workers }) => workers === 3)
    expect(six?.because).toMatch(/^all 6 request slots were taken: 300\/s of 20 ms each/)
    expect(scalingOf(measurement as CapacityMeasurement, null).limitedBy).toContain('request slots')
  })

  test('stays open where nothing bounds its requests, or without an unloaded latency', async () => {
    const [unbounded] = await measured(bound, { rateWorkers: [] }).run
    expect(unbounded?.saturations.map(({ limit }) => limit)).not.toContain('workers')
    const threaded = scriptedModel('threaded', { concurrency: ({ workers }) => 2 * workers })
    const [unknown] = await measured(bound, { rateWorkers: [], unloadedS: 0 }, [threaded]).run
    expect(unknown?.saturations.map(({ limit }) => limit)).not.toContain('workers')
  })
})
