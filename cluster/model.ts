import type { OutsideServer, OwnAppStart, ProcessUsage, Variant } from '../core/records.ts'
import type { Routing } from '../core/routing.ts'
import type { Unit, UnitRole } from '../core/unit.ts'
import type { ExecutorId } from '../server/executor.ts'
import type { Launch } from './launch.ts'
import type { ProcessEntry } from './proc.ts'
import type { PythonInterpreter } from './python-interpreter.ts'
import type { ServerChange } from './supervisor/change.ts'
import type { UnmetNeed } from './unmet-need.ts'

export type { Routing } from '../core/routing.ts'
export type { ServerChange } from './supervisor/change.ts'
export type { UnmetNeed } from './unmet-need.ts'

/** How large a server is to be. */
export interface Size {
  /** Processes (or, for pool models, pool threads or processes) that do the work. */
  readonly workers: number
  /** Threads per worker, for models that have both. */
  readonly threads: number
}

/** How many units of each role exist once the server is ready. */
export type Topology = Readonly<Partial<Record<UnitRole, number>>>

/** What answers the requests: the built-in app, or a module or command of the user's. */
export interface AppUnderTest extends OwnAppStart {
  /** Absolute path of the module; absent for the built-in app. */
  readonly module?: string
}

/** All that a model gets when it starts a server. */
export interface StartContext {
  readonly size: Size
  /** Owns the processes and the private folder of this launch. */
  readonly launch: Launch
  readonly host: string
  /** Port to listen on, or 0 for any; models with a port per worker use this and the following ones. */
  readonly port: number
  readonly app: AppUnderTest
  /** False measures the server without its own instruments. */
  readonly metrics: boolean
  /** Base URL of the dependency process. */
  readonly upstreamUrl: string
  /** The Node binary that runs the measured processes. */
  readonly nodePath: string
  /** The interpreter that runs the measured processes in Python. */
  readonly python: PythonInterpreter
  /** Seconds that requests in flight get when the server is asked to end. */
  readonly graceS: number
  /** Aborted when the start is given up. */
  readonly signal: AbortSignal
}

/** A server whose every worker accepts requests. */
export interface RunningServer {
  /** Where clients send requests; more than one when each worker has a port of its own. */
  readonly targets: readonly URL[]
  /** The units in service now. */
  units(): Promise<readonly Unit[]>
  /**
   * CPU seconds (since each process began, dead children included) and memory of every process of the launch, those
   * that no unit file names included. Two readings make a slice.
   */
  usage(): Promise<readonly ProcessUsage[]>
  /** Why the server is no longer the one that was started, in words; null while all is well. */
  findTrouble(): Promise<string | null>
  /** The last lines of its logs, newest last; empty where we do not have them. */
  logTail(lines?: number): string
  /** Settles when the server ends although nobody asked it to; never rejects. */
  readonly ended: Promise<{ readonly reason: string }>
  /** Drains and ends the server: requests in flight get up to `graceS` seconds. Idempotent. */
  stop(graceS: number): Promise<StopReport>
  /** Replaces every worker; settles when the old ones are gone and the new ones serve. Null where nobody can do that. */
  readonly reload: (() => Promise<void>) | null
  /** Changes the server while it runs, and settles when the change is in force; absent where nobody can do that. */
  readonly change?: (change: ServerChange) => Promise<void>
}

/** How a stop went. */
export interface StopReport {
  /** Seconds from the first signal to the end of the last process. */
  readonly tookS: number
  /** Processes that had to be killed when the grace was over. */
  readonly killed: readonly number[]
}

/** What somebody who watches the workers does about those in trouble, unasked. */
export interface Supervision {
  /** Who watches, as the subject of a sentence: `PM2's daemon`. */
  readonly by: string
  /** Starts another worker when one has died. */
  readonly restartsDead: boolean
  /** Replaces a worker that gives no sign of life any more. */
  readonly replacesStuck: boolean
  /** Replaces a worker after a number of requests, where one is set (`FORKWISE_MAX_REQUESTS`). */
  readonly recycles: boolean
}

/** One arrangement of processes and threads in front of the app: one file in cluster/models/, its id the file's name. */
export interface ServerModel {
  readonly id: string
  readonly title: string
  /** One sentence on what it buys and what it costs, printed in every report. */
  readonly tradeoff: string
  readonly executor: ExecutorId | 'wsgi' | 'asgi'
  readonly routing: Routing
  /** What runs it where that is not the Node of the comparison: `Bun`, `Python`. */
  readonly runtime?: string
  /** True when a worker’s requests are greenlets of one thread: they compute one at a time under any interpreter. */
  readonly greenlets?: true
  /** Python modules that it imports, where another interpreter can run it (`--python`). */
  readonly pythonModules?: readonly string[]
  /** True when `size.workers` changes nothing (one process, whatever is asked). */
  readonly fixedSize?: boolean
  /** `node` models can run a user's own Node app when they only arrange processes. */
  readonly runs: 'any-node-app' | 'built-in-app'
  /** True when requests go to the first server of an app that listens, whatever port it asks for. */
  readonly takesFirstServer?: true
  /** True when it can start a command (`--start`) instead of a Node module: it only runs processes that each have a port. */
  readonly startsCommands?: true
  /** Set when somebody can replace the workers; `clean` when that fails no request, which the conformance suite proves. */
  readonly reload?: 'clean' | 'rough'
  /** Who watches its workers; absent where nobody does. */
  readonly supervision?: Supervision
  /**
   * The model that a comparison measures in its place, since its own answers are not those of the others: a job (202)
   * instead of the result. Absent where the answers can be compared.
   */
  readonly comparedAs?: string
  /**
   * Waiting requests that it can handle at the same time: one for each thread or blocking worker. Absent where waiting
   * costs nothing but memory, as on an event loop.
   */
  concurrency?(size: Size): number
  /** Set when it is a server that runs already, which is neither started nor ended here. */
  readonly outside?: OutsideServer
  /** Set when it is a variant of another model, with settings of its own. */
  readonly variant?: Variant
  needs?(environment: NeedsEnvironment): Promise<readonly UnmetNeed[]>
  topology(size: Size): Topology
  start(context: StartContext): Promise<ModelProcess>
}

/** What {@link ServerModel.needs} may look at. */
export interface NeedsEnvironment {
  readonly nodePath: string
  /** Version of that Node as [major, minor, patch]. */
  readonly nodeVersion: readonly [number, number, number]
  readonly platform: NodeJS.Platform
  /** The interpreter that was named for models in Python; absent: Debian's. */
  readonly python?: PythonInterpreter
}

/**
 * What a model hands to the core after it has spawned its processes. The core (cluster/start.ts) owns the rest:
 * waiting for readiness, failing with the logs, stopping, killing what is left, and removing the folder.
 */
export interface ModelProcess {
  /** Addresses for clients, once known: called when every unit is in service. */
  targets(units: readonly Unit[]): readonly URL[]
  /** Asks the server to finish its requests and end (for most, SIGTERM to the root process). */
  requestStop(graceS: number): Promise<void>
  /** Asks the server to replace every worker, for models with somebody who can. */
  requestReload?(): Promise<void>
  /** Asks whoever supervises the workers for a change. */
  requestChange?(change: ServerChange): Promise<void>
  /** Units that do not write unit files themselves (proxies, brokers, PM2's daemon, foreign servers). */
  foreignUnits?(): Promise<readonly Unit[]>
  /** Live processes that belong to the server but not to the launch: they count, and are never ended. */
  outsideProcesses?(): readonly ProcessEntry[]
  /** What ails a server whose processes are not ours to watch, in words; null when it is well. */
  findTrouble?(): Promise<string | null>
}
