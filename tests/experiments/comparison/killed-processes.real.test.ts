import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServerModel } from '../../../cluster/model.ts'
import type { OwnedLaunch } from '../../../cluster/owned-launch.ts'
import { commandLineOf, descendantsOf, listProcesses } from '../../../cluster/proc.ts'
import type { Workload } from '../../../core/load.ts'
import { compiled } from '../../../core/paths.ts'
import type { TrialRecord } from '../../../core/records.ts'
import type { Unit, UnitRole } from '../../../core/unit.ts'
import { VoidBlocks } from '../../../experiments/comparison/void-blocks.ts'
import { trialSettings, withWorld } from '../../../experiments/world.ts'
import { REAL_INSTRUMENT } from '../../../loadtest/instrument.ts'
import { UNOBSERVED } from '../../../loadtest/observation/observation.ts'
import { runTrial } from '../../../loadtest/trial.ts'
import type { TrialContext } from '../../../loadtest/trial-context.ts'
import { modelsToTest } from '../../conformance/subjects.ts'

// Every process of a trial, killed once in every phase: the block of the trial is void, and the reason names the process.
// What a run does about it is tested in virtual time (tests/cli/compare/killed-parts.test.ts).

/** What can be killed in a server: a unit by its role, or a process that the proxy has started. */
type Victim = UnitRole | 'generator' | 'process of the proxy'

const PHASES = ['warm-up', 'slice A', 'slice B'] as const
type Phase = 'start' | (typeof PHASES)[number]

/** A process of every kind, in a model that has one, with the name by which it is reported. */
const VICTIMS: readonly (readonly [model: string, victim: Victim, named: RegExp])[] = [
  ['single', 'worker', /worker-1/],
  ['single', 'generator', /load generator/],
  ['single', 'dependency', /dependency process/],
  ['cluster', 'supervisor', /primary/],
  ['cluster', 'worker', /worker-\d/],
  ['process-pool', 'worker', /worker-\d/],
  ['nginx-fork', 'proxy', /nginx/],
  ['nginx-fork', 'process of the proxy', /nginx\/\d+/],
  ['pm2-fork', 'supervisor', /pm2/],
  ['pm2-fork', 'worker', /worker-\d/],
  ['task-queue-reply', 'broker', /broker/],
  ['task-queue-reply', 'worker', /worker-\d/],
  ['celery-reply', 'broker', /broker/],
  ['rq-reply', 'broker', /broker/],
  ['gunicorn-sync', 'supervisor', /arbiter/],
]

/** Processes that can be killed before their server is ready; the others are not there yet, or are started again. */
const STARTING: readonly (readonly [model: string, process: string])[] = [
  ['single', 'worker-1'],
  ['cluster', 'primary'],
  ['nginx-fork', 'nginx'],
  ['haproxy-fork', 'haproxy'],
  ['task-queue-reply', 'broker'],
  ['gunicorn-sync', 'arbiter'],
  ['pm2-fork', 'pm2'],
]

/** Requests that wait, so that many trials can run side by side. */
const WORKLOAD: Workload = {
  id: 'io',
  title: 'Waiting',
  summary: 'Every request waits for the dependency.',
  requests: [{ route: 'io-upstream', method: 'GET', path: '/io/upstream?ms=20', weight: 1, expectStatus: 200 }],
  connections: () => 8,
}

/** How long after the beginning of a phase its victim is killed, in milliseconds. */
const INTO_PHASE_MS = 50

let context: TrialContext
let world: Promise<void>
let close: () => void = () => undefined

beforeAll(async () => {
  const settings = trialSettings({ workers: 2, seed: 1, saturationS: 1, latencyS: 1 })
  const options = { signal: new AbortController().signal, emit: () => undefined }
  await new Promise<void>((opened, failed) => {
    world = withWorld(settings, options, (open) => {
      context = open
      opened()
      return new Promise<void>((resolve) => (close = resolve))
    })
    world.catch(failed)
  })
})

afterAll(async () => {
  close()
  await world
})

const subjects = new Map((await modelsToTest()).map((subject) => [subject.model.id, subject]))

describe.each(PHASES)('in %s', (phase) => {
  test.concurrent.each(VICTIMS)('%s: %s', async (id, victim, named) => {
    const model = runnable(id)
    if (model === null) return
    const { trial, trouble } = await trialWithout(model, victim, phase)
    const reasons = [...trouble, new VoidBlocks().reasonOf(trial) ?? '']
    expect(reasons.join('\n')).toMatch(named)
  })
})

describe('in the start', () => {
  test.concurrent.each(STARTING)('%s: %s', async (id, name) => {
    const model = runnable(id)
    if (model === null) return
    const { trial } = await trialWithout(model, name, 'start')
    expect(trial).toMatchObject({ outcome: 'failed', error: { code: 'START_FAILED' } })
    expect(new VoidBlocks().reasonOf(trial)).toMatch(
      new RegExp(`\`${name}\` (was ended by SIGKILL|\\(pid \\d+\\) ended before it was ready)`),
    )
  })
})

test('the timer thread: its process ends at once, saying so', async () => {
  const timer = pathToFileURL(compiled('loadtest/precise-timer.js')).href
  const program = `import { PreciseTimer } from ${JSON.stringify(timer)}
    new PreciseTimer(false, new URL('data:text/javascript,process.exit(0)'))
    setTimeout(() => console.log('goes on'), 60000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(1)
  expect(said).toContain('The timer thread ended')
  expect(said).not.toContain('goes on')
})

function runnable(id: string): ServerModel | null {
  const subject = subjects.get(id)
  if (subject === undefined) throw new Error(`Expected a model named ${id}.`)
  return subject.unavailable === null ? subject.model : null
}

/** Runs one trial in which a process is killed (for the start: one by its name); gives its record, and how the dependency fared. */
async function trialWithout(
  model: ServerModel,
  victim: string,
  phase: Phase,
): Promise<{ trial: TrialRecord; trouble: readonly string[] }> {
  const { session, dependency } = context
  const beganMs = performance.now()
  let launch: OwnedLaunch | undefined
  let units: readonly Unit[] = []
  let generatorPid = 0
  let current = ''
  const pidOf = (): number => {
    if (victim === 'generator') return generatorPid
    if (victim === 'dependency') return [...descendantsOf([process.pid], listProcesses())].find(isDependency)?.pid ?? 0
    if (victim !== 'process of the proxy') return units.findLast(({ role }) => role === victim)?.pid ?? 0
    const proxy = units.find(({ role }) => role === 'proxy')?.pid ?? 0
    return descendantsOf([proxy], listProcesses()).find(({ pid }) => pid !== proxy)?.pid ?? 0
  }
  const killIn = (now: Phase): void => {
    if (now === phase) setTimeout(() => process.kill(required(pidOf()), 'SIGKILL'), INTO_PHASE_MS)
  }
  const whileStarting = setInterval(() => {
    const started = phase === 'start' ? launch?.recorded.find(({ name }) => name === victim) : undefined
    if (started === undefined) return
    clearInterval(whileStarting)
    process.kill(started.pid, 'SIGKILL')
  }, 2)
  const identity = {
    schema: 'forkwise/trial@2',
    id: `b01-${model.id}-io`,
    block: 1,
    position: 0,
    model: model.id,
    control: false,
    workload: 'io',
    workers: 2,
    seed: 1,
    startedAtMs: Date.now(),
  } as const
  try {
    const trial = await runTrial(
      { identity, model, workload: WORKLOAD, commonRatePerS: phase === 'slice B' ? 50 : null },
      {
        ...context,
        session: {
          id: session.id,
          dir: session.dir,
          reaped: session.reaped,
          createLaunch: (label, options) => (launch = session.createLaunch(label, options)),
          guard: () => session.guard(),
          close: () => session.close(),
        },
        observation: {
          ...UNOBSERVED,
          unitsChanged: (_launch, now) => void (units = now.length === 0 ? units : now),
          phase: (name) => void (current = name),
        },
        instrument: {
          ...REAL_INSTRUMENT,
          drive: (targets, workload, load, options) =>
            REAL_INSTRUMENT.drive(targets, workload, load, {
              ...options,
              onProcess: (pid) => {
                generatorPid = pid
                options.onProcess?.(pid)
                if (current === 'saturation') killIn('warm-up')
              },
            }),
        },
        onCounting: () => killIn(current === 'saturation' ? 'slice A' : 'slice B'),
      },
    )
    return { trial, trouble: dependency.trouble(beganMs) }
  } finally {
    clearInterval(whileStarting)
  }
}

function isDependency({ pid }: { readonly pid: number }): boolean {
  return commandLineOf(pid).some((word) => word.endsWith('dependency.js'))
}

function required(pid: number): number {
  if (pid > 1) return pid
  throw new Error('Expected the process that is to be killed to be there.')
}
