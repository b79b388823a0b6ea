import { type ChildProcess, fork } from 'node:child_process'
import cluster from 'node:cluster'
import { join } from 'node:path'
import { ForkwiseError } from '../../core/errors.ts'
import { LAUNCH_ENV, type Unit } from '../../core/unit.ts'
import { READY_MESSAGE } from '../../server/departure.ts'
import { exitWithStartError } from '../../server/start-error.ts'
import { removeUnitFile, writeUnitFile } from '../../server/unit-file.ts'
import type { SupervisorKind } from '../supervisor.ts'
import { Arbiter } from './arbiter.ts'
import { readChange, type ServerChange } from './change.ts'
import type { SupervisorAction, SupervisorEvent } from './events.ts'
import { serveSupervisorMetrics } from './metrics.ts'
import { readSupervisorSettings } from './settings.ts'
import { WORKER_ENV, type WorkerMessage } from './worker-protocol.ts'

const KINDS: readonly SupervisorKind[] = ['round-robin', 'shared-accept', 'reuse-port']

/** How often the arbiter receives the time, in milliseconds. */
const TICK_MS = 200

/** Name of the supervisor's unit. */
const UNIT_NAME = 'primary'

/**
 * The pre-fork supervisor: `node primary.js round-robin|shared-accept|reuse-port`. Signals: TERM and INT drain and end,
 * QUIT ends at once, HUP replaces every worker, TTIN and TTOU mean one worker more or less. Who started it over IPC can
 * change its settings and the environment of its workers (cluster/supervisor/change.ts). When the process that
 * started it over IPC is gone, it ends itself and its workers.
 */
class Primary {
  readonly #kind: SupervisorKind
  readonly #arbiter: Arbiter
  readonly #children = new Map<number, ChildProcess>()
  readonly #launchDir = process.env[LAUNCH_ENV.launchDir] ?? null
  #graceS: number
  #beatMs: number
  /** What is different from the environment of the launch; undefined = taken away. */
  readonly #environment: Record<string, string | undefined> = {}

  constructor(kind: SupervisorKind) {
    const settings = readSupervisorSettings()
    this.#kind = kind
    this.#arbiter = new Arbiter(settings)
    this.#graceS = settings.graceS
    this.#beatMs = beatMsFor(settings.heartbeatTimeoutS)
  }

  async start(): Promise<void> {
    if (this.#kind !== 'reuse-port') {
      cluster.schedulingPolicy = this.#kind === 'round-robin' ? cluster.SCHED_RR : cluster.SCHED_NONE
      cluster.setupPrimary({ exec: WORKER_FILE })
    }
    process.on('SIGTERM', () => this.#emit({ type: 'leave', graceS: this.#graceS }))
    process.on('SIGINT', () => this.#emit({ type: 'leave', graceS: this.#graceS }))
    process.on('SIGQUIT', () => this.#emit({ type: 'leave', graceS: 0 }))
    process.on('SIGHUP', () => this.#emit({ type: 'reload' }))
    process.on('SIGTTIN', () => this.#emit({ type: 'more' }))
    process.on('SIGTTOU', () => this.#emit({ type: 'less' }))
    process.on('disconnect', () => this.#emit({ type: 'leave', graceS: 0 }))
    process.on('message', (message) => this.#change(readChange(message)))
    setInterval(() => this.#emit({ type: 'tick' }), TICK_MS)
    this.#emit({ type: 'start' })
    if (this.#launchDir !== null) {
      const unit: Unit = { name: UNIT_NAME, role: 'supervisor', pid: process.pid }
      const metricsUrl = await this.#serveMetrics()
      writeUnitFile(this.#launchDir, metricsUrl === null ? unit : { ...unit, metricsUrl })
    }
  }

  #change(change: ServerChange | null): void {
    if (change === null) return
    const { supervisor, environment } = change
    if (supervisor !== undefined) {
      this.#graceS = supervisor.graceS ?? this.#graceS
      if (supervisor.heartbeatTimeoutS !== undefined) this.#beatMs = beatMsFor(supervisor.heartbeatTimeoutS)
      this.#emit({ type: 'settings', settings: supervisor })
    }
    if (environment === undefined) return
    for (const [variable, value] of Object.entries(environment)) {
      this.#environment[variable] = value ?? LAUNCHED_WITH[variable]
    }
    this.#emit({ type: 'reload' })
  }

  #serveMetrics(): Promise<string | null> {
    const { env } = process
    if (env[LAUNCH_ENV.metrics] === 'off') return Promise.resolve(null)
    const port = Number(env[LAUNCH_ENV.metricsPort] ?? 0)
    return serveSupervisorMetrics(this.#arbiter, env[LAUNCH_ENV.host] ?? '127.0.0.1', port)
  }

  #emit(event: SupervisorEvent): void {
    for (const action of this.#arbiter.handle(event, performance.now())) this.#do(action)
  }

  #do(action: SupervisorAction): void {
    switch (action.type) {
      case 'spawn':
        return this.#spawn(action.id, action.place, action.maxRequests)
      case 'drain':
        return this.#drain(action.id, action.graceS)
      case 'kill':
        return void this.#children.get(action.id)?.kill('SIGKILL')
      case 'say':
        return void process.stdout.write(`supervisor: ${action.text}\n`)
      case 'end':
        return this.#end(action.code)
    }
  }

  #spawn(id: number, place: number, maxRequests: number | null): void {
    const name = `worker-${place}`
    const child = this.#fork({
      ...this.#environment,
      [LAUNCH_ENV.unitName]: name,
      [WORKER_ENV.beatMs]: String(this.#beatMs),
      ...(maxRequests === null ? {} : { [WORKER_ENV.maxRequests]: String(maxRequests) }),
    })
    this.#children.set(id, child)
    child.on('message', (message) => {
      const type = messageType(message)
      if (type !== null) this.#emit({ type, id })
    })
    // A channel that breaks says nothing that the exit does not say.
    child.on('error', () => {})
    child.once('exit', (code, signal) => {
      this.#children.delete(id)
      if (this.#launchDir !== null && child.pid !== undefined) removeUnitFile(this.#launchDir, name, child.pid)
      this.#emit({ type: 'exit', id, code, signal })
    })
  }

  #fork(env: Record<string, string | undefined>): ChildProcess {
    if (this.#kind !== 'reuse-port') return cluster.fork(env).process
    return fork(WORKER_FILE, { env: { ...process.env, ...env, [LAUNCH_ENV.reusePort]: 'on' } })
  }

  #drain(id: number, graceS: number): void {
    const child = this.#children.get(id)
    if (child?.connected) child.send({ type: 'shutdown', graceS }, () => {})
    else child?.kill('SIGTERM')
  }

  #end(code: number): never {
    if (this.#launchDir !== null) removeUnitFile(this.#launchDir, UNIT_NAME)
    process.exit(code)
  }
}

/** The environment of the launch. */
const LAUNCHED_WITH: Readonly<NodeJS.ProcessEnv> = { ...process.env }

/** Signs of life come four times in the time after which a worker is taken for stuck, and once a second at least. */
function beatMsFor(heartbeatTimeoutS: number): number {
  return Math.min(1000, (heartbeatTimeoutS * 1000) / 4)
}

const WORKER_FILE = join(import.meta.dirname, 'worker.js')

function messageType(message: unknown): 'ready' | 'beat' | 'recycle' | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null
  return EVENT_OF.get(message.type) ?? null
}

/** What the messages of workers mean; the app under test may send messages of its own. */
const EVENT_OF: ReadonlyMap<unknown, 'ready' | 'beat' | 'recycle'> = new Map([
  [READY_MESSAGE, 'ready'],
  ['forkwise:beat' satisfies WorkerMessage['type'], 'beat'],
  ['forkwise:recycle' satisfies WorkerMessage['type'], 'recycle'],
])

function readKind(word: string | undefined): SupervisorKind {
  const kind = KINDS.find((candidate) => candidate === word)
  if (kind) return kind
  throw new ForkwiseError('USAGE', {
    message: `Expected the kind of supervisor, one of ${KINDS.join(', ')}; got ${word}.`,
  })
}

try {
  await new Primary(readKind(process.argv[2])).start()
} catch (error) {
  exitWithStartError(error)
}
