import { EXIT_CONFIG } from '../../server/start-error.ts'
import type { ExitReason, RestartReason, SupervisorAction, SupervisorEvent } from './events.ts'
import { nextState, type WorkerEvent, type WorkerState } from './lifecycle.ts'
import type { SupervisorSettings } from './settings.ts'

/** One worker as the supervisor knows it. */
export interface WorkerView {
  readonly id: number
  /** From 1; a worker that replaces another has its place, and with it its name. */
  readonly place: number
  readonly state: WorkerState
}

interface Worker {
  readonly id: number
  readonly place: number
  readonly bornMs: number
  state: WorkerState
  readyMs: number
  beatMs: number
  /** To be replaced: it has served enough, or older than the reload. */
  outdated: RestartReason | null
  /** When to kill it if it still drains. */
  deadlineMs: number
  killedFor: ExitReason | null
}

/** Longest pause between two failed starts, in milliseconds. */
const RETRY_MAX_MS = 5_000

/** Two ticks further apart than this mean that it was the supervisor that did not run: no worker is blamed for it. */
const SLEPT_MS = 2_000

/**
 * Decides what a pre-fork supervisor does, and does nothing itself: every event comes in with its time, and actions
 * come out, so all of it can be tested on made-up time. It keeps as many workers in service as desired; replaces those
 * that die, get stuck, have served enough or are outdated (a replacement is ready before its predecessor leaves); and gives up when
 * starts keep failing while nobody serves.
 */
export class Arbiter {
  readonly restarts: Map<RestartReason, number> = new Map()
  readonly exits: Map<ExitReason, number> = new Map()
  #settings: SupervisorSettings
  readonly #random: () => number
  readonly #workers = new Map<number, Worker>()
  /** Why the worker last in a place is to be replaced. */
  readonly #vacancies = new Map<number, RestartReason>()
  #actions: SupervisorAction[] = []
  #desired: number
  #nextId = 1
  #bootFailures = 0
  #lastFailureMs = -Infinity
  #retryMs = -Infinity
  #lastTickMs: number | null = null
  #leaving = false
  #exitCode = 0

  constructor(settings: SupervisorSettings, random: () => number = Math.random) {
    this.#settings = settings
    this.#random = random
    this.#desired = settings.workers
  }

  /** How many workers there are to be. */
  get desired(): number {
    return this.#desired
  }

  /** Workers that are not dead, oldest first. */
  get workers(): readonly WorkerView[] {
    return [...this.#workers.values()]
  }

  /** Takes notice of an event at a time (milliseconds on any steady clock) and says what to do. */
  handle(event: SupervisorEvent, nowMs: number): readonly SupervisorAction[] {
    this.#actions = []
    this.#note(event, nowMs)
    if (!this.#leaving) this.#keepUp(nowMs)
    else if (this.#workers.size === 0) this.#actions.push({ type: 'end', code: this.#exitCode })
    return this.#actions
  }

  #note(event: SupervisorEvent, nowMs: number): void {
    switch (event.type) {
      case 'start':
        return
      case 'tick':
        return this.#tick(nowMs)
      case 'ready':
        return this.#ready(event.id, nowMs)
      case 'beat':
        return this.#beat(event.id, nowMs)
      case 'recycle':
        return this.#outdate(this.#workers.get(event.id), 'recycled')
      case 'exit':
        return this.#exit(event.id, event.code, event.signal, nowMs)
      case 'reload':
        return this.#reload(nowMs)
      case 'more':
        return this.#resize(this.#desired + 1)
      case 'less':
        return this.#resize(Math.max(1, this.#desired - 1))
      case 'settings':
        return this.#change(event.settings)
      case 'leave':
        return this.#beginLeaving(event.graceS, nowMs)
    }
  }

  #tick(nowMs: number): void {
    const slept = this.#lastTickMs !== null && nowMs - this.#lastTickMs > SLEPT_MS
    this.#lastTickMs = nowMs
    const { bootTimeoutS, heartbeatTimeoutS } = this.#settings
    for (const worker of this.#workers.values()) {
      if (slept) worker.beatMs = nowMs
      if (worker.state === 'boot' && nowMs - worker.bornMs > bootTimeoutS * 1000) {
        this.#say(`${nameOf(worker)} was not ready within ${bootTimeoutS} s: killed`)
        this.#kill(worker, 'boot-timeout')
      } else if (worker.state === 'ready' && nowMs - worker.beatMs > heartbeatTimeoutS * 1000) {
        this.#say(`${nameOf(worker)} gave no sign of life for ${heartbeatTimeoutS} s: killed and replaced`)
        this.#kill(worker, 'stuck')
      } else if (worker.state === 'draining' && nowMs >= worker.deadlineMs) {
        this.#say(`${nameOf(worker)} did not finish in time: killed`)
        this.#kill(worker, 'drain-timeout')
      }
    }
  }

  #reload(nowMs: number): void {
    if (this.#leaving) return
    this.#bootFailures = 0
    this.#retryMs = nowMs
    for (const worker of this.#workers.values()) this.#outdate(worker, 'reload')
    this.#say('reload: every worker is replaced, one after the other')
  }

  #change(settings: Partial<SupervisorSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
    if (settings.workers !== undefined && settings.workers !== this.#desired) this.#resize(settings.workers)
  }

  #resize(desired: number): void {
    if (this.#leaving) return
    this.#desired = desired
    this.#say(`${desired} ${desired === 1 ? 'worker' : 'workers'} from now on`)
  }

  #ready(id: number, nowMs: number): void {
    const worker = this.#workers.get(id)
    if (!worker || !this.#move(worker, 'ready')) return
    worker.readyMs = nowMs
    worker.beatMs = nowMs
    for (const other of this.#workers.values()) {
      if (other.place === worker.place && other.id < worker.id) this.#drain(other, this.#settings.graceS, nowMs)
    }
  }

  #beat(id: number, nowMs: number): void {
    const worker = this.#workers.get(id)
    if (worker) worker.beatMs = nowMs
    if (worker?.state !== 'ready' || nowMs - worker.readyMs < this.#settings.minUptimeS * 1000) return
    // Only one that started after the last failure proves that workers start again.
    if (worker.readyMs >= this.#lastFailureMs) this.#bootFailures = 0
  }

  #exit(id: number, code: number | null, signal: string | null, nowMs: number): void {
    const worker = this.#workers.get(id)
    if (!worker) return
    const { state } = worker
    this.#move(worker, 'exit')
    this.#workers.delete(id)
    const reason = exitReason(worker, state)
    count(this.exits, reason)
    if (this.#leaving || reason === 'drained' || reason === 'drain-timeout' || reason === 'scaled-down') return
    if (state === 'boot' || state === 'ready') {
      this.#vacancies.set(worker.place, state === 'boot' ? 'boot' : 'crash')
      this.#say(`${nameOf(worker)} ${state === 'boot' ? 'did not start' : 'died'} (${signal ?? `exit code ${code}`})`)
    }
    const early = state === 'ready' && nowMs - worker.readyMs < this.#settings.minUptimeS * 1000
    if (state === 'boot' || reason === 'boot-timeout' || early) this.#noteFailedStart(code, nowMs)
  }

  #noteFailedStart(code: number | null, nowMs: number): void {
    this.#bootFailures += 1
    this.#lastFailureMs = nowMs
    this.#retryMs = nowMs + Math.min(RETRY_MAX_MS, 100 * 2 ** (this.#bootFailures - 1))
    // A setting or an app that cannot be used will be as unusable the next time.
    if (this.#bootFailures < this.#settings.bootFailureLimit && code !== EXIT_CONFIG) return
    if ([...this.#workers.values()].some(({ state }) => state === 'ready')) return this.#stayWithTheOld()
    this.#say(`gave up: ${this.#bootFailures} failed starts in a row and no worker in service`)
    this.#exitCode = code === null || code === 0 ? 1 : code
    this.#beginLeaving(0, nowMs)
  }

  /** New workers do not start: whoever serves goes on serving, and a reload is called off. */
  #stayWithTheOld(): void {
    const outdated = [...this.#workers.values()].filter((worker) => worker.outdated === 'reload')
    for (const worker of outdated) {
      worker.outdated = null
      this.#vacancies.delete(worker.place)
    }
    if (outdated.length > 0) this.#say('reload called off: new workers do not start; the old ones stay in service')
  }

  #beginLeaving(graceS: number, nowMs: number): void {
    this.#leaving = true
    for (const worker of this.#workers.values()) {
      this.#drain(worker, graceS, nowMs)
      // Those that were draining already do not get longer than the others.
      worker.deadlineMs = Math.min(worker.deadlineMs, nowMs + graceS * 1000)
    }
  }

  #keepUp(nowMs: number): void {
    for (const worker of this.#workers.values()) {
      if (worker.place <= this.#desired) continue
      if (worker.state === 'boot') this.#kill(worker, 'scaled-down')
      else this.#drain(worker, this.#settings.graceS, nowMs)
    }
    if (nowMs < this.#retryMs) return
    for (let place = 1; place <= this.#desired; place++) {
      if (!this.#inPlace(place).some(({ state }) => state === 'boot' || state === 'ready')) this.#fill(place, nowMs)
    }
    this.#replaceOutdated(nowMs)
  }

  /** Usually one at a time: a reload is to cost one worker's memory and start, not all of them. */
  #replaceOutdated(nowMs: number): void {
    const { replacedAtOnce, leavesFirst, graceS } = this.#settings
    const booting = new Set(
      [...this.#workers.values()].flatMap(({ state, place }) => (state === 'boot' ? [place] : [])),
    )
    for (const worker of this.#workers.values()) {
      if (booting.size >= replacedAtOnce) return
      if (worker.state !== 'ready' || worker.outdated === null || booting.has(worker.place)) continue
      booting.add(worker.place)
      this.#fill(worker.place, nowMs)
      if (leavesFirst === 1) this.#drain(worker, graceS, nowMs)
    }
  }

  #fill(place: number, nowMs: number): void {
    const predecessor = this.#inPlace(place).findLast(({ outdated }) => outdated !== null)
    const reason = this.#vacancies.get(place) ?? predecessor?.outdated ?? null
    this.#vacancies.delete(place)
    if (reason !== null) count(this.restarts, reason)
    const id = this.#nextId++
    const worker: Worker = {
      id,
      place,
      bornMs: nowMs,
      state: 'boot',
      readyMs: nowMs,
      beatMs: nowMs,
      outdated: null,
      deadlineMs: Infinity,
      killedFor: null,
    }
    this.#workers.set(id, worker)
    this.#actions.push({ type: 'spawn', id, place, maxRequests: this.#drawMaxRequests() })
  }

  #drawMaxRequests(): number | null {
    const { maxRequests, maxRequestsJitter } = this.#settings
    return maxRequests === null ? null : maxRequests + Math.floor(this.#random() * (maxRequestsJitter + 1))
  }

  #outdate(worker: Worker | undefined, reason: RestartReason): void {
    if (worker?.state === 'ready' || worker?.state === 'boot') worker.outdated ??= reason
  }

  #drain(worker: Worker, graceS: number, nowMs: number): void {
    const before = worker.state
    if (!this.#move(worker, 'drain')) return
    if (before === 'boot') {
      worker.killedFor = 'scaled-down'
      this.#actions.push({ type: 'kill', id: worker.id })
      return
    }
    worker.deadlineMs = nowMs + graceS * 1000
    this.#actions.push({ type: 'drain', id: worker.id, graceS })
  }

  #kill(worker: Worker, reason: ExitReason): void {
    if (!this.#move(worker, 'kill')) return
    worker.killedFor = reason
    if (reason === 'stuck' || reason === 'boot-timeout') this.#vacancies.set(worker.place, reason)
    this.#actions.push({ type: 'kill', id: worker.id })
  }

  #move(worker: Worker, event: WorkerEvent): boolean {
    const next = nextState(worker.state, event)
    const moved = next !== worker.state
    worker.state = next
    return moved
  }

  #inPlace(place: number): Worker[] {
    return [...this.#workers.values()].filter((worker) => worker.place === place)
  }

  #say(text: string): void {
    this.#actions.push({ type: 'say', text })
  }
}

function nameOf(worker: WorkerView): string {
  return `worker-${worker.place}`
}

function exitReason(worker: Worker, state: WorkerState): ExitReason {
  if (worker.killedFor !== null) return worker.killedFor
  if (state === 'draining') return 'drained'
  return state === 'boot' ? 'boot' : 'crash'
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
