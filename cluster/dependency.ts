import { ForkwiseError, messageOf } from '../core/errors.ts'
import { compiled } from '../core/paths.ts'
import type { ProcessUsage } from '../core/records.ts'
import { LAUNCH_ENV } from '../core/unit.ts'
import { signalProcess } from './census.ts'
import { untilReady } from './readiness.ts'
import { runningServer } from './running-server.ts'
import type { Session } from './session.ts'
import { readUnits } from './units.ts'

/** How the dependency is to be started. */
export interface DependencyOptions {
  readonly nodePath?: string
  /** CPUs that it may use (Linux); all unless given. */
  readonly cpus?: readonly number[]
  /** 10 unless given. */
  readonly startTimeoutS?: number
  readonly signal?: AbortSignal
}

/** The process that `io-upstream` calls: a service with a latency that the caller chooses. */
export interface RunningDependency {
  /** Base URL without a slash at its end. */
  readonly url: string
  readonly pid: number
  /** Settles, saying how, when it ends although nobody asked it to; never rejects. */
  readonly died: Promise<string>
  /** CPU seconds since it began, and memory. Throws START_FAILED when it has died. */
  usage(): Promise<ProcessUsage>
  /** Ends it; idempotent. */
  stop(): Promise<void>
}

/** Starts the dependency and waits until it answers. Throws START_FAILED with the end of its log; nothing is left then. */
export async function startDependency(session: Session, options: DependencyOptions = {}): Promise<RunningDependency> {
  const launch = session.createLaunch('dependency', options.cpus === undefined ? {} : { cpus: options.cpus })
  const failure = new AbortController()
  let stopping = false
  const died = new Promise<string>((resolve) => {
    launch.onExit((exit) => {
      failure.abort(new Error(`it ${exit.how}`))
      if (!stopping) resolve(exit.how)
    })
  })
  try {
    const child = launch.spawn(
      { name: 'dependency', role: 'dependency' },
      options.nodePath ?? process.execPath,
      [compiled('server/dependency.js')],
      { env: { [LAUNCH_ENV.host]: '127.0.0.1', [LAUNCH_ENV.port]: '0' }, ipc: true },
    )
    const units = await untilReady({
      topology: { dependency: 1 },
      units: () => Promise.resolve(readUnits(launch.dir)),
      targets: (units) => units.flatMap(({ url }) => (url === undefined ? [] : [new URL(url)])),
      question: null,
      timeoutS: options.startTimeoutS ?? 10,
      signal: AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]),
    })
    const { url, pid } = units[0] ?? {}
    if (url === undefined || pid === undefined) throw new Error('it does not say where it listens')
    const server = runningServer(
      launch,
      {
        targets: () => [new URL(url)],
        requestStop: () => Promise.resolve(void (child.pid !== undefined && signalProcess(child.pid, 'SIGTERM'))),
      },
      [new URL(url)],
    )
    return {
      url,
      pid,
      died,
      usage: async () => ownUsage(await server.usage()),
      stop: async () => {
        stopping = true
        await server.stop(1)
      },
    }
  } catch (error) {
    const tail = launch.logTail()
    await launch.end()
    if (options.signal?.aborted) {
      throw new ForkwiseError('INTERRUPTED', { message: 'The start of the dependency was given up.' }, { cause: error })
    }
    const message = `The dependency did not start: ${messageOf(error)}.${tail === '' ? '' : `\nThe end of its log:\n${tail}`}`
    throw new ForkwiseError('START_FAILED', { message }, { cause: error })
  }
}

function ownUsage(usage: readonly ProcessUsage[]): ProcessUsage {
  const own = usage.find(({ role }) => role === 'dependency')
  if (own) return own
  throw new ForkwiseError('START_FAILED', { message: 'The dependency process is gone, or /proc cannot be read here.' })
}
