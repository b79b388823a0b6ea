import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { compiled } from '../core/paths.ts'
import { LAUNCH_ENV } from '../core/unit.ts'
import type { RunningTask } from './bounded-pool.ts'
import type { TaskOutcome, TaskRequest } from './task.ts'
import { removeUnitFile } from './unit-file.ts'
import { memberName } from './unit-names.ts'

/** What a child of the pool says once when it can take tasks; later messages are outcomes, or the user's app's own. */
export const CHILD_READY = 'forkwise:ready'

/** A child that dies before it is ready is replaced at most this many times in a row, over all places. */
const MAX_BOOT_FAILURES = 3

/** How long a child may take to end when it is asked to, in ms. */
const END_MS = 500

/** Who the children belong to. */
export interface ChildPoolOptions {
  readonly size: number
  /** Name of the unit whose children they are. */
  readonly unitName: string
  readonly launchDir: string | null
  /** The user's app module, whose handlers the children load; null for the built-in ones. */
  readonly appModule: string | null
}

interface Child {
  readonly name: string
  readonly process: ChildProcess
  ready: boolean
  /** The task under way. */
  task: PendingTask | null
}

interface PendingTask {
  readonly request: TaskRequest
  readonly resolve: (outcome: TaskOutcome) => void
  readonly reject: (reason: unknown) => void
  /** The child that works on it, once one does. */
  child: Child | null
}

/**
 * A fixed number of child processes that each do one task at a time. One that dies is replaced; its task rejects. The
 * caller starts no more tasks at once than there are children; one that finds its child being replaced waits for it.
 */
export class ChildPool {
  readonly #options: ChildPoolOptions
  readonly #children = new Map<number, Child>()
  readonly #waiting: PendingTask[] = []
  #bootFailures = 0
  #ending = false
  #onChange: () => void = () => undefined

  constructor(options: ChildPoolOptions) {
    this.#options = options
  }

  /** Starts all children; resolves when they can take tasks. Throws when they die before they can. */
  async start(): Promise<void> {
    for (let place = 1; place <= this.#options.size; place++) this.#spawn(place)
    await new Promise<void>((resolve, reject) => {
      this.#onChange = () => {
        if (this.#bootFailures > MAX_BOOT_FAILURES) reject(new Error('The processes of the pool end as they start.'))
        else if ([...this.#children.values()].every((child) => child.ready)) resolve()
      }
    })
  }

  /** Starts a task on a free child. */
  perform(request: TaskRequest): RunningTask {
    let pending: PendingTask | undefined
    const outcome = new Promise<TaskOutcome>((resolve, reject) => {
      pending = { request, resolve, reject, child: null }
      this.#waiting.push(pending)
      this.#assign()
    })
    return { outcome, kill: () => void pending?.child?.process.kill('SIGKILL') }
  }

  /** Ends all children; tasks under way reject. */
  async end(): Promise<void> {
    this.#ending = true
    await Promise.all([...this.#children.values()].map((child) => endChild(child.process)))
  }

  #spawn(place: number): void {
    const { unitName, launchDir, appModule } = this.#options
    const name = memberName(unitName, 'child', place)
    const forked = fork(compiled('server/pool-process.js'), {
      env: {
        ...process.env,
        [LAUNCH_ENV.unitName]: name,
        [LAUNCH_ENV.metricsPort]: '0',
        [LAUNCH_ENV.app]: appModule ?? '',
      },
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const child: Child = { name, process: forked, ready: false, task: null }
    this.#children.set(place, child)
    forked.on('message', (message: unknown) => {
      if (message === CHILD_READY) this.#becameReady(child)
      else if (isOutcome(message)) this.#finished(child, message)
    })
    forked.on('error', () => undefined)
    forked.on('exit', (code, signal) => {
      if (launchDir !== null) removeUnitFile(launchDir, name)
      child.task?.reject(new Error(`The process of the task ended with ${signal ?? `code ${code}`}.`))
      if (!child.ready) this.#bootFailures++
      this.#children.delete(place)
      if (!this.#ending && this.#bootFailures <= MAX_BOOT_FAILURES) this.#spawn(place)
      this.#onChange()
    })
  }

  #becameReady(child: Child): void {
    child.ready = true
    this.#bootFailures = 0
    this.#onChange()
    this.#assign()
  }

  #finished(child: Child, outcome: TaskOutcome): void {
    const { task } = child
    child.task = null
    task?.resolve(outcome)
    this.#assign()
  }

  #assign(): void {
    for (const child of this.#children.values()) {
      if (!child.ready || child.task !== null) continue
      const task = this.#waiting.shift()
      if (task === undefined) return
      child.task = task
      task.child = child
      child.process.send(task.request, (error) => error && task.reject(error))
    }
    if (this.#children.size === 0) {
      for (const task of this.#waiting.splice(0)) task.reject(new Error('The pool has no processes left.'))
    }
  }
}

function isOutcome(message: unknown): message is TaskOutcome {
  return typeof message === 'object' && message !== null && 'startedS' in message
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  const inTime = await Promise.race([exited.then(() => true), sleep(END_MS, false)])
  if (inTime) return
  child.kill('SIGKILL')
  await exited
}
