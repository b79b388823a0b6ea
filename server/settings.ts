import os from 'node:os'
import { isAbsolute } from 'node:path'
import { ProblemList } from '../core/errors.ts'
import { LAUNCH_ENV } from '../core/unit.ts'
import type { ExecutorId } from './executor.ts'
import { type DependencyPolicy, UNGUARDED } from './dependency-guard.ts'
import type { DerivationPolicy } from './key-derivation.ts'
import type { ServedBy } from './own-app/own-app.ts'

/** Settings of a measured process: read from the environment that its launcher sets (core/unit.ts), or sane defaults. */
export interface Settings {
  /** Name of the unit. By hand `worker-1`; under PM2 without a name, one per instance. */
  readonly unitName: string
  readonly launchId: string | null
  /** Private folder of the launch, or null when a person starts the process by hand. */
  readonly launchDir: string | null
  readonly host: string
  readonly port: number
  readonly reusePort: boolean
  /** Null = Node's default. */
  readonly backlog: number | null
  readonly metrics: boolean
  /** 0 = any free one. */
  readonly metricsPort: number
  readonly executor: ExecutorId
  readonly poolSize: number
  readonly poolQueue: number
  /** Base URL of the dependency without a trailing slash; empty when there is none. */
  readonly upstreamUrl: string
  /** What the calls to it are allowed. */
  readonly dependencyPolicy: DependencyPolicy
  /** Where keys are derived, and how many at once. */
  readonly derivationPolicy: DerivationPolicy
  /** Base URL of the broker; empty when there is none. */
  readonly brokerUrl: string
  /** Seconds that a worker of a task queue may be silent before its task is given to another. */
  readonly taskLockS: number
  /** Absolute path of the user's app module, or null for the built-in app. */
  readonly appModule: string | null
  /** Which server of it is measured; null to find out. */
  readonly appServedBy: ServedBy | null
  /** Address of a module that lets Node run it; null for none. */
  readonly appLoader: string | null
  /** Seconds that requests in flight get when the process is asked to leave. */
  readonly graceS: number
}

/** Every executor that a process can be set to use, in the order of the documentation. */
export const EXECUTOR_IDS: readonly ExecutorId[] = [
  'inline',
  'cooperative',
  'worker-pool',
  'process-pool',
  'thread-per-request',
  'task-queue',
  'task-queue-reply',
]

/** Reads the launch protocol's variables; throws a USAGE error that names every variable with a wrong value. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const problems = new ProblemList()
  const read = new Reader(env, problems)
  const settings: Settings = {
    unitName: read.name(LAUNCH_ENV.unitName, pm2UnitName(env)),
    launchId: read.text(LAUNCH_ENV.launchId) || null,
    launchDir: read.path(LAUNCH_ENV.launchDir),
    host: read.text(LAUNCH_ENV.host) || '127.0.0.1',
    port: read.count(LAUNCH_ENV.port, 3000, 0, 65_535),
    reusePort: read.toggle(LAUNCH_ENV.reusePort, false),
    backlog: read.text(LAUNCH_ENV.backlog) === '' ? null : read.count(LAUNCH_ENV.backlog, 511, 1, 65_535),
    metrics: read.toggle(LAUNCH_ENV.metrics, true),
    metricsPort: read.count(LAUNCH_ENV.metricsPort, 0, 0, 65_535),
    executor: read.oneOf(LAUNCH_ENV.executor, EXECUTOR_IDS, 'inline'),
    poolSize: read.count(LAUNCH_ENV.poolSize, os.availableParallelism(), 1, 1024),
    poolQueue: read.count(LAUNCH_ENV.poolQueue, 1000, 0, 1_000_000),
    upstreamUrl: read.url(LAUNCH_ENV.upstream, ['http:']),
    dependencyPolicy: {
      deadlineMs: read.count(LAUNCH_ENV.upstreamDeadline, 0, 0, 600_000) || null,
      mostCalls: read.count(LAUNCH_ENV.upstreamCalls, 0, 0, 1_000_000) || null,
      breakerFailures: read.count(LAUNCH_ENV.upstreamBreaker, 0, 0, 1_000_000) || null,
      breakerOpenS: read.seconds(LAUNCH_ENV.upstreamBreakerOpen, UNGUARDED.breakerOpenS, 0.1, 600),
      slowMs: read.count(LAUNCH_ENV.upstreamSlow, UNGUARDED.slowMs, 1, 600_000),
    },
    derivationPolicy: {
      mostAtOnce: read.count(LAUNCH_ENV.hashesAtOnce, 0, 0, 1_000_000) || null,
      threads: read.count(LAUNCH_ENV.hashThreads, 0, 0, 64) || null,
    },
    brokerUrl: read.url(LAUNCH_ENV.broker, ['redis:']),
    // A worker is silent while it computes, up to 10 s for one request.
    taskLockS: read.seconds(LAUNCH_ENV.taskLock, 20, 0.2, 600),
    appModule: read.path(LAUNCH_ENV.app),
    appServedBy: read.servedBy(LAUNCH_ENV.appServedBy),
    appLoader: read.text(LAUNCH_ENV.appLoader) || null,
    graceS: read.seconds(LAUNCH_ENV.grace, 5, 0, 600),
  }
  problems.throwIfAny('USAGE')
  return settings
}

/** PM2 numbers the instances of an app from 0 in NODE_APP_INSTANCE and gives all of them the same environment. */
function pm2UnitName(env: NodeJS.ProcessEnv): string {
  const instance = env['NODE_APP_INSTANCE']
  return instance !== undefined && /^\d+$/.test(instance) ? `worker-${Number(instance) + 1}` : 'worker-1'
}

class Reader {
  readonly #env: NodeJS.ProcessEnv
  readonly #problems: ProblemList

  constructor(env: NodeJS.ProcessEnv, problems: ProblemList) {
    this.#env = env
    this.#problems = problems
  }

  text(variable: string): string {
    return this.#env[variable]?.trim() ?? ''
  }

  name(variable: string, fallback: string): string {
    const text = this.text(variable)
    if (text === '' || /^[a-z][a-z0-9-]{0,63}$/.test(text)) return text || fallback
    return this.#wrong(variable, 'a name of lower-case letters, digits and dashes', text, fallback)
  }

  path(variable: string): string | null {
    const text = this.text(variable)
    if (text === '' || isAbsolute(text)) return text || null
    return this.#wrong(variable, 'an absolute path', text, null)
  }

  servedBy(variable: string): ServedBy | null {
    const text = this.text(variable)
    if (text === 'exported' || text === 'PORT' || text === 'socket') return text
    return text === '' ? null : `${this.count(variable, 0, 0, 65_535)}`
  }

  count(variable: string, fallback: number, min: number, max: number): number {
    const text = this.text(variable)
    if (text === '') return fallback
    const count = /^\d{1,9}$/.test(text) ? Number(text) : -1
    return count >= min && count <= max
      ? count
      : this.#wrong(variable, `a whole number from ${min} to ${max}`, text, fallback)
  }

  seconds(variable: string, fallback: number, min: number, max: number): number {
    const text = this.text(variable)
    if (text === '') return fallback
    const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1
    return seconds >= min && seconds <= max
      ? seconds
      : this.#wrong(variable, `seconds from ${min} to ${max}`, text, fallback)
  }

  toggle(variable: string, fallback: boolean): boolean {
    const text = this.text(variable)
    return text === '' ? fallback : this.oneOf(variable, ['on', 'off'], fallback ? 'on' : 'off') === 'on'
  }

  oneOf<T extends string>(variable: string, choices: readonly T[], fallback: T): T {
    const text = this.text(variable)
    if (text === '') return fallback
    return (
      choices.find((choice) => choice === text) ?? this.#wrong(variable, `one of ${choices.join(', ')}`, text, fallback)
    )
  }

  url(variable: string, protocols: readonly string[]): string {
    const text = this.text(variable)
    if (text === '') return ''
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text.replace(/\/+$/, '')
    return this.#wrong(variable, `a ${protocols.join(' or ')}// address`, text, '')
  }

  #wrong<T>(variable: string, expected: string, got: string, fallback: T): T {
    this.#problems.add(`Expected \`${variable}\` to be ${expected}, got "${got}".`)
    return fallback
  }
}
