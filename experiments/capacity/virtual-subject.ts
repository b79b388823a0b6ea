import type { ChildProcess } from 'node:child_process'
import { memoryOf, readProcess } from '../../cluster/proc.ts'
import type { RunningServer } from '../../cluster/model.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { compiled } from '../../core/paths.ts'
import { deriveSeed } from '../../core/random.ts'
import type { Routing } from '../../core/routing.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { Subject } from './subject.ts'

/** Settings of the virtual server's program. */
export interface VirtualSettings {
  readonly routing: Routing
  readonly workers: number
  readonly seed: number
}

/** A server of known behaviour: workers of this routing that are busy so long with each request. */
export interface VirtualBehaviour {
  readonly routing: Routing
  readonly service: 'constant' | 'exponential'
  readonly serviceMs: number
  readonly seed: number
}

/** Seconds until the virtual server must listen. */
const START_TIMEOUT_S = 10

/** A server whose workers are arithmetic, to be measured like any other: more workers than cores fit on this machine. */
export function virtualSubject(behaviour: VirtualBehaviour, context: TrialContext): Subject {
  const { routing, service, serviceMs, seed } = behaviour
  let launches = 0
  return {
    model: `virtual-${routing}`,
    workload: virtualWorkload(service, serviceMs),
    routing,
    executor: routing === 'central-queue' ? 'worker-pool' : 'inline',
    threads: 1,
    fixedSize: routing === 'one',
    arithmetic: true,
    concurrency: () => null,
    async run(workers, use) {
      const settings: VirtualSettings = { routing, workers, seed: deriveSeed(seed, launches++) }
      const launch = context.session.createLaunch('virtual')
      try {
        const child = launch.spawn(
          { name: 'worker-1', role: 'worker' },
          process.execPath,
          [compiled('experiments/capacity/virtual-server.js'), JSON.stringify(settings)],
          { ipc: true },
        )
        const sized = { ...context, settings: { ...context.settings, workers }, launchedMs: performance.now() }
        return await use(await runningServer(child), sized)
      } finally {
        await launch.end()
      }
    },
  }
}

/** The workload that keeps a virtual worker busy so long with each request. */
export function virtualWorkload(service: VirtualBehaviour['service'], serviceMs: number): Workload {
  return {
    id: `${service}-${serviceMs}ms`,
    title: `Busy for ${serviceMs} ms`,
    summary: `Every request keeps a worker busy, without computing, for ${serviceMs} ms (${service}).`,
    requests: [{ route: service, method: 'GET', path: `/${service}?ms=${serviceMs}`, weight: 1, expectStatus: 200 }],
    connections: ({ workers }) => 8 * workers,
  }
}

async function runningServer(child: ChildProcess): Promise<RunningServer> {
  const port = await listeningPort(child)
  const pid = child.pid ?? 0
  return {
    targets: [new URL(`http://127.0.0.1:${port}`)],
    units: () => Promise.resolve([]),
    usage: () => {
      const memory = memoryOf(pid)
      const cpuS = readProcess(pid)?.cpuS ?? null
      return Promise.resolve(
        cpuS === null || memory === null ? [] : [{ name: 'worker-1', role: 'worker', pid, cpuS, ...memory }],
      )
    },
    ended: new Promise(() => {}),
    stop: () => Promise.resolve({ tookS: 0, killed: [] }),
    findTrouble: () => Promise.resolve(null),
    logTail: () => '',
    reload: null,
  }
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (how: string): void =>
      reject(new ForkwiseError('START_FAILED', { message: `Expected the virtual server to listen, but it ${how}.` }))
    const timer = setTimeout(() => fail(`did not within ${START_TIMEOUT_S} s`), START_TIMEOUT_S * 1000)
    child.once('message', (message: { port: number }) => {
      clearTimeout(timer)
      resolve(message.port)
    })
    child.once('exit', () => {
      clearTimeout(timer)
      fail('ended')
    })
  })
}
