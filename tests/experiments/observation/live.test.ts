import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { untilAborted } from '../../../core/abort.ts'
import type { LoadRecord } from '../../../core/load.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { loadFaults } from '../../../experiments/faults/faults.ts'
import { announcingObservation } from '../../../experiments/observation/announcing-observation.ts'
import { type PreparedObservation, watchModel } from '../../../experiments/observation/live.ts'
import { prepare } from '../../../experiments/prepare.ts'
import type { DriverOptions } from '../../../loadtest/driver.ts'
import { UNOBSERVED } from '../../../loadtest/observation/observation.ts'
import { madeUpLoad } from '../../loadtest/made-up-load.ts'
import { scriptedModel, scriptedWorkload, type ScriptedWorld, scriptedWorld } from '../scripted-world.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-live-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function preparedWith(change: Partial<PreparedObservation> = {}): PreparedObservation {
  return {
    id: 'run',
    model: scriptedModel('single'),
    workers: 2,
    port: 0,
    app: {},
    nodePath: null,
    pythonPath: null,
    cpuQuota: null,
    workload: null,
    ratePerS: null,
    faults: [],
    durationS: null,
    reader: null,
    notes: [],
    ...change,
  }
}

function watching(world: ScriptedWorld, prepared: PreparedObservation): ReturnType<typeof watchModel> {
  const observation = announcingObservation(UNOBSERVED, world.emit)
  const session = { ...world.context.session, dir }
  return watchModel(prepared, { ...world.context, session, observation }, world.emit)
}

function namesOf(events: readonly ExperimentEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'phase') return event.phase
    if (event.type === 'units') return `${event.units.length} units`
    return event.type === 'fault' ? `${event.fault} ${event.active ? 'begins' : 'ends'}` : event.type
  })
}

describe('a server that runs until it is stopped', () => {
  test('is reported from its start to its end, and ends by itself when its time is over', async () => {
    const world = scriptedWorld()
    const outcome = await watching(world, preparedWith({ durationS: 0.1 }))
    expect(namesOf(world.events)).toEqual(['starting', '1 units', 'in-service', 'server-ready', 'stopping', '0 units'])
    expect(world.events.find(({ type }) => type === 'server-ready')).toMatchObject({
      targets: ['http://single-0/'],
      units: [{ name: 'single-0' }],
      prometheus: null,
      alerts: null,
      panels: null,
    })
    expect(outcome).toEqual({ faults: [], stoppedInS: 0 })
    expect(world.log).toEqual(['start single-0', 'stop single-0'])
  })

  test('meets its faults at their times, under load or without', async () => {
    const [fault] = await loadFaults()
    if (fault === undefined) throw new Error('Expected a fault.')
    const scenes: unknown[] = []
    const noting = (id: string): typeof fault => ({
      ...fault,
      id,
      inject: async (_, { injected, ratePerS, capacityPerS, lastsS }) => {
        injected()
        scenes.push({ id, ratePerS, capacityPerS, lastsS })
        return { facts: { unit: id } }
      },
    })
    const world = scriptedWorld()
    const faults = [
      { fault: noting('second'), afterS: 0.1 },
      { fault: noting('first'), afterS: 0 },
    ]
    const emit: ScriptedWorld['emit'] = (event) => {
      world.emit(event)
      const isLast = event.type === 'fault' && event.fault === 'second' && !event.active
      if (isLast) setImmediate(() => world.abort.abort())
    }
    const outcome = await watching({ ...world, emit }, preparedWith({ faults }))
    const between = namesOf(world.events).slice(4, -2)
    expect(between).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
    expect(outcome.faults.map(({ fault: id, facts }) => [id, facts])).toEqual([
      ['first', { unit: 'first' }],
      ['second', { unit: 'second' }],
    ])
    expect(scenes[0]).toEqual({ id: 'first', ratePerS: 0, capacityPerS: null, lastsS: 0 })
  })

  test('an abort ends the load, the fault that is at work and the server', async () => {
    const [fault] = await loadFaults()
    if (fault === undefined) throw new Error('Expected a fault.')
    const world = scriptedWorld()
    let undone = false
    const lasting: typeof fault = {
      ...fault,
      id: 'lasting',
      inject: async (_, { injected, signal, ratePerS }) => {
        injected()
        expect(ratePerS).toBe(40)
        const over = new Promise((resolve) => signal.addEventListener('abort', resolve))
        world.abort.abort()
        await over
        undone = true
        return { facts: {} }
      },
    }
    const observation = announcingObservation(UNOBSERVED, world.emit)
    const drive = async (_t: unknown, _w: unknown, _l: unknown, { signal }: DriverOptions): Promise<LoadRecord> => {
      await untilAborted(signal)
      return madeUpLoad({ ok: 3 })
    }
    const context = {
      ...world.context,
      instrument: { ...world.context.instrument, drive },
      session: { ...world.context.session, dir },
      observation,
    }
    const prepared = preparedWith({
      workload: scriptedWorkload('io'),
      ratePerS: 40,
      faults: [{ fault: lasting, afterS: 0 }],
    })
    const outcome = await watchModel(prepared, context, world.emit)
    expect(undone).toBe(true)
    expect(outcome.faults).toEqual([])
    expect(namesOf(world.events).slice(-4)).toEqual(['lasting begins', 'lasting ends', 'stopping', '0 units'])
    expect(world.log.at(-1)).toBe('stop single-0')
  })

  test('a fault that cannot be injected ends the run with its reason, and nothing is left', async () => {
    const [fault] = await loadFaults()
    if (fault === undefined) throw new Error('Expected a fault.')
    const world = scriptedWorld()
    const failing = { ...fault, inject: () => Promise.reject(new Error('no worker')) }
    await expect(watching(world, preparedWith({ faults: [{ fault: failing, afterS: 0 }] }))).rejects.toThrow(
      'no worker',
    )
    expect(world.log).toEqual(['start single-0', 'stop single-0'])
  })
})

describe('what is asked for', () => {
  test('is completed, old names of faults included', async () => {
    const prepared = await prepare.observe({ model: 'cluster', workload: 'io', faults: ['kill-worker', 'freeze@3s'] })
    expect(prepared).toMatchObject({ port: 3000, app: {}, ratePerS: null, durationS: null })
    expect(prepared.faults.map(({ fault, afterS }) => [fault.id, afterS])).toEqual([
      ['kill', 10],
      ['freeze', 3],
    ])
    expect(prepared.notes).toEqual([expect.stringContaining('`kill-worker` is called `kill` now')])
  })

  test('is refused with every problem at once', async () => {
    await expect(
      prepare.observe({ model: 'worker-pool', rate: 10, faults: ['kil', 'block-loop', 'kill@soon'] }),
    ).rejects.toMatchObject({
      code: 'USAGE',
      problems: [
        { message: expect.stringContaining('`workload` with `rate`') },
        { message: expect.stringContaining('"kil"'), hint: expect.stringContaining('Did you mean "kill"?') },
        { message: expect.stringContaining('do not compute where they are accepted') },
        { message: expect.stringContaining('`faults` to be a duration with a unit, got "soon"') },
      ],
    })
    await expect(prepare.serve({ model: 'clustre' })).rejects.toThrow(/a model in `model` that exists, got "clustre"/)
  })
})
