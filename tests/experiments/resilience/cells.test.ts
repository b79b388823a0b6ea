import { describe, expect, test } from 'vitest'
import { EXIT } from '../../../core/errors.ts'
import type { ResilienceCell, ResiliencePlan, ResilienceRates } from '../../../core/resilience-record.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import type { Fault } from '../../../experiments/faults/fault.ts'
import { expectedResilienceS, measureCells, type ResilienceTask } from '../../../experiments/resilience/cells.ts'
import { announcingObservation } from '../../../experiments/observation/announcing-observation.ts'
import { UNOBSERVED } from '../../../loadtest/observation/observation.ts'
import { manifestOf } from '../../analysis/synthetic-resilience.ts'
import { type Script, scriptedModel, type ScriptedWorld, scriptedWorld } from '../scripted-world.ts'

const MODELS = [scriptedModel('single'), scriptedModel('cluster')]

function faultOf(id: string, change: Partial<Fault> = {}): Fault {
  return {
    id,
    title: id,
    question: '',
    recoveryFrom: 'injection',
    lastsS: 5,
    watchS: 3,
    offeredBy: () => null,
    inject: async (_, scene) => {
      scene.injected()
      return { facts: { unit: 'worker-1' } }
    },
    ...change,
  }
}

interface Measured {
  readonly world: ScriptedWorld
  readonly cells: ResilienceCell[]
  readonly rates: ResilienceRates[]
  readonly task: ResilienceTask
  readonly run: () => Promise<void>
}

function measuring(script: Script, faults: readonly Fault[], repeats = 1): Measured {
  const plan: ResiliencePlan = { ...manifestOf(repeats).plan, models: ['single', 'cluster'], baselineS: 1 }
  const world = scriptedWorld(script, { workers: plan.workers })
  const [cells, rates]: [ResilienceCell[], ResilienceRates[]] = [[], []]
  const task = {
    plan,
    models: MODELS,
    faults,
    finished: { rates: null, cells: [] },
    folder: {
      writeRates: (found: ResilienceRates) => void rates.push(found),
      appendCell: (cell: ResilienceCell) => void cells.push(cell),
    },
  }
  const observation = announcingObservation(UNOBSERVED, world.emit)
  return { world, cells, rates, task, run: () => measureCells(task, { ...world.context, observation }, world.emit) }
}

function typesOf(events: readonly ExperimentEvent[], ...left: ExperimentEvent['type'][]): string[] {
  return events.filter(({ type }) => !left.includes(type)).map(({ type }) => type)
}

describe('the cells of a run', () => {
  test('come after the capacity of every model, each reported from its start to its end', async () => {
    const { world, cells, rates, task, run } = measuring({ rate: (model) => (model === 'single' ? 100 : 200) }, [
      faultOf('kill'),
    ])
    await run()
    expect(rates).toMatchObject([{ ratePerS: 40, capacities: [{ ratePerS: 100 }, { ratePerS: 200 }], failed: [] }])
    expect(cells.map(({ outcome }) => outcome)).toEqual(['faulted', 'faulted'])
    const cell = ['step-started', 'cell-started', 'fault', 'fault', 'cell-finished']
    expect(typesOf(world.events, 'phase', 'units', 'load')).toEqual([
      'step-started',
      'step-started',
      'rates-found',
      ...cell,
      ...cell,
    ])
    const phases = world.events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []))
    expect(phases.slice(-4)).toEqual(['starting', 'baseline', 'fault', 'stopping'])
    expect(expectedResilienceS(task)).toBe(2 * (6 + 1 + 3) + 2 * 6)
  })

  test('know the scene: rate, capacity, and how long a fault may last before the watch is over', async () => {
    const scenes: unknown[] = []
    const inject: Fault['inject'] = async (_, { ratePerS, capacityPerS, workers, lastsS, injected }) => {
      injected()
      scenes.push({ ratePerS, capacityPerS, workers, lastsS })
      return { facts: {} }
    }
    const { run } = measuring({ rate: () => 100 }, [
      faultOf('kill', { inject, offeredBy: ({ model }) => (model.id === 'single' ? 'no' : null) }),
    ])
    await run()
    expect(scenes).toEqual([{ ratePerS: 40, capacityPerS: 100, workers: 2, lastsS: 2 }])
  })

  test('leave out a model that could not be measured, and say so', async () => {
    const launchError = (model: string): Error | null => (model === 'single' ? new Error('no port') : null)
    const { world, cells, rates, run } = measuring({ launchError }, [faultOf('kill')])
    await run()
    expect(rates).toMatchObject([{ failed: [{ model: 'single', message: 'no port' }] }])
    expect(cells.map(({ model }) => model)).toEqual(['cluster'])
    expect(world.events).toContainEqual({ type: 'note', level: 'warning', text: 'single is left out: no port' })
  })

  test('come after a model is measured again of which a process was killed once', async () => {
    const { world, rates, cells, run } = measuring({ killed: (load) => (load === 0 ? 'generator' : null) }, [
      faultOf('kill'),
    ])
    await run()
    expect(rates).toMatchObject([{ failed: [] }])
    expect(cells.map(({ outcome }) => outcome)).toEqual(['faulted', 'faulted'])
    const notes = world.events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
    expect(notes).toEqual([expect.stringMatching(/^single is measured again: The load generator ended early/)])
  })

  test('do not begin where no model could be measured: the run fails, naming what ended', async () => {
    const { rates, run } = measuring({ killed: () => 'generator' }, [faultOf('kill')])
    await expect(run()).rejects.toMatchObject({
      exitCode: EXIT.trial,
      message: expect.stringContaining('load generator'),
    })
    expect(rates).toEqual([])
  })

  test('that are finished are not measured again, nor are rates that are known', async () => {
    const faults = [faultOf('kill')]
    const whole = measuring({}, faults, 2)
    await whole.run()
    const finished = { rates: whole.rates[0] ?? null, cells: whole.cells.slice(0, 3) }
    const { world, task, rates, cells } = measuring({}, faults, 2)
    const resumed = { ...task, finished }
    expect(expectedResilienceS(resumed)).toBe(6 + 1 + 3)
    await measureCells(resumed, world.context, world.emit)
    expect(rates).toEqual([])
    const placesOf = (each: readonly ResilienceCell[]): unknown =>
      each.map(({ model, repeat, seed }) => [model, repeat, seed])
    expect(placesOf(cells)).toEqual(placesOf(whole.cells.slice(3)))
    expect(world.log.filter((line) => line.startsWith('start '))).toHaveLength(1)
  })

  test('go on after one that failed', async () => {
    const inject: Fault['inject'] = async (_, { model }) => {
      if (model.id === 'single') throw new Error('no worker')
      return { facts: {} }
    }
    const { cells, run } = measuring({}, [faultOf('kill', { inject })])
    await run()
    expect(cells.map(({ model, outcome }) => `${model} ${outcome}`).toSorted()).toEqual([
      'cluster faulted',
      'single failed',
    ])
    expect(cells.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      error: { code: 'INTERNAL', message: 'no worker' },
    })
  })

  test('end with the signal, in the middle of a fault, with every server stopped', async () => {
    let ended = false
    const { world, cells, run } = measuring({}, [
      faultOf('freeze', {
        inject: async (_, { signal, injected }) => {
          injected()
          world.abort.abort()
          ended = signal.aborted
          return { facts: {} }
        },
      }),
    ])
    await expect(run()).rejects.toThrow()
    expect([ended, cells]).toEqual([true, []])
    const count = (verb: string): number => world.log.filter((line) => line.startsWith(`${verb} `)).length
    expect(count('stop')).toBe(count('start'))
    expect(world.events.filter(({ type }) => type === 'fault')).toEqual([
      { type: 'fault', fault: 'freeze', active: true },
      { type: 'fault', fault: 'freeze', active: false },
    ])
  })
})
