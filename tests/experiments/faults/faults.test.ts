import { describe, expect, test } from 'vitest'
import { findModel } from '../../../cluster/models.ts'
import { switchFile } from '../../../cluster/faults/switch-file.ts'
import { currentFaultId } from '../../../core/renamed-faults.ts'
import type { RunningServer } from '../../../cluster/model.ts'
import type { Fault } from '../../../experiments/faults/fault.ts'
import { faultIds, loadFaults } from '../../../experiments/faults/faults.ts'
import { injectFault, type Setting } from '../../../experiments/faults/inject.ts'
import { launchEnvironment } from '../../../experiments/faults/launch-environment.ts'
import { scriptedModel, scriptedWorkload, scriptedWorld } from '../scripted-world.ts'

const faults = await loadFaults()
const faultOf = (id: string): Fault => {
  const fault = faults.find((each) => each.id === id)
  if (fault === undefined) throw new Error(`Expected a fault ${id}.`)
  return fault
}

describe('the faults', () => {
  test('are one file each, the most frequent one first', () => {
    expect(faults.map(({ id }) => id)).toEqual(faultIds())
    expect(faultIds()).toEqual(['reload', 'kill', 'freeze', 'block-loop', 'boot-crash', 'leak', 'overload'])
  })

  test.each([
    ['kill-worker', 'kill'],
    ['freeze-worker', 'freeze'],
    ['stop', 'freeze'],
    ['memory', 'leak'],
    ['reload', 'reload'],
    ['kil', 'kil'],
  ])('%s is %s today', (old, id) => expect(currentFaultId(old)).toBe(id))

  test.each([
    ['reload', 'single', true, 'nobody is there to replace'],
    ['reload', 'cluster', true, null],
    ['boot-crash', 'single', true, 'nobody starts a worker again'],
    ['boot-crash', 'gunicorn-sync', true, 'run on Python'],
    ['leak', 'single', true, null],
    ['leak', 'single-bun', true, 'run on Bun'],
    ['block-loop', 'cluster', true, null],
    ['block-loop', 'gunicorn-sync', true, null],
    ['block-loop', 'worker-pool', true, 'do not compute where they are accepted'],
    ['block-loop', 'cluster', false, 'only the built-in app'],
    ['kill', 'single', false, null],
  ])('%s under %s, built-in app %s: %s', async (id, model, builtInApp, reason) => {
    const found = faultOf(id).offeredBy({ model: await findModel(model), builtInApp })
    if (reason === null) expect(found).toBeNull()
    else expect(found).toContain(reason)
  })

  test('are over before a measured run stops watching, those apart that it ends', () => {
    for (const { lastsS, watchS, program } of faults) if (program !== 'leak') expect(lastsS).toBeLessThan(watchS - 1)
  })
})

test('a launch loads the programs of its faults, each once, with the folder of their switches', () => {
  const environment = launchEnvironment(
    [faultOf('leak'), faultOf('boot-crash'), faultOf('leak'), faultOf('kill')],
    '/f',
  )
  expect(environment['NODE_OPTIONS']?.match(/--import=\S+/g)).toHaveLength(2)
  expect(environment['NODE_OPTIONS']).toMatch(/leak\.js.*crash-at-boot\.js/)
  expect(environment['FORKWISE_FAULT_DIR']).toBe('/f')
  expect(switchFile('/f', 'leak')).toBe('/f/leak')
  expect(launchEnvironment([faultOf('kill')], '/f')).toEqual({})
})

describe('an injection', () => {
  const { context } = scriptedWorld()
  const server = {} as RunningServer
  const setting: Setting = {
    model: scriptedModel('single'),
    workers: 2,
    ratePerS: 40,
    capacityPerS: 100,
    dir: '',
    signal: context.signal,
    instrument: context.instrument,
    workload: scriptedWorkload('io'),
    timeoutS: 1,
    seed: 1,
  }
  const fault = (inject: Fault['inject']): Fault => ({ ...faultOf('kill'), id: 'made-up', lastsS: 2, inject })

  test('is active from its own moment to its end, however often it says so', async () => {
    const reported: string[] = []
    const observation = { fault: (name: string, active: boolean) => void reported.push(`${name} ${active}`) }
    const { tookS, injection } = await injectFault(
      fault(async (_, scene) => {
        expect(reported).toEqual([])
        expect(scene.lastsS).toBe(2)
        scene.injected()
        scene.injected()
        expect(reported).toEqual(['made-up true'])
        return { facts: { unit: 'worker-1' } }
      }),
      server,
      setting,
      observation,
    )
    expect(reported).toEqual(['made-up true', 'made-up false'])
    expect(injection.facts).toEqual({ unit: 'worker-1' })
    expect(tookS).toBeGreaterThanOrEqual(0)
  })

  test('that fails is over as well, and one that never began was never active', async () => {
    const reported: string[] = []
    const observation = { fault: (name: string, active: boolean) => void reported.push(`${name} ${active}`) }
    const failing = (begins: boolean): Promise<unknown> =>
      injectFault(
        fault(async (_, scene) => {
          if (begins) scene.injected()
          throw new Error('no worker')
        }),
        server,
        { ...setting, lastsS: 1 },
        observation,
      )
    await expect(failing(false)).rejects.toThrow('no worker')
    expect(reported).toEqual([])
    await expect(failing(true)).rejects.toThrow('no worker')
    expect(reported).toEqual(['made-up true', 'made-up false'])
  })
})
