import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { activityOf, PROC_SUPPORTED } from '../../cluster/proc.ts'
import { HEARTBEATS_MS } from '../../core/heartbeat.ts'
import type { Unit } from '../../core/unit.ts'
import { type Beat, BLOCKED_S, type HeardItem, timelineUnit, type UnitFigures } from '../../core/timeline.ts'
import { HeartbeatStream } from './heartbeat-stream.ts'
import { figuresBetween, type Reading, readUnit } from './unit-reading.ts'

/** Rounds in a second: figures are sent, and units without a heartbeat asked, once in so many; so is everything unwatched. */
const ROUNDS_PER_S = 1000 / HEARTBEATS_MS

/** How long a round waits for answers before it sends what it has, in ms: a stopped process never answers. */
const ROUND_MS = 50

/** A unit that has not answered for so long is silent, in ms. */
const SILENT_MS = 500

/** One unit that is watched. */
interface Watched {
  readonly unit: Unit
  readonly key: string
  reading: Reading | null
  /** The reading at the last full second. */
  before: Reading | null
  /** Its heartbeats as it sends them, while somebody watches; null for a unit that is asked. */
  stream: HeartbeatStream | null
  /** It was heard since it was last reported: it runs. */
  isHeard: boolean
  /** Since when something is to come from it, in ms of our clock; null where nothing is. */
  waitingSinceMs: number | null
  /** The last question was not answered, or its stream ended. */
  failed: boolean
  /** What it was last reported to be doing, so that a change is noticed. */
  reported: string
}

/**
 * Hears the units of the running server: while somebody watches they send their heartbeats, otherwise they are asked once a
 * second. Sends beats, at once when an event loop is blocked or turns again, and, once a second, figures. Each unit is
 * heard by itself: one that hangs delays no other.
 */
export class UnitWatch {
  readonly #send: (item: HeardItem) => void
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  readonly #timer: NodeJS.Timeout
  readonly #isWatched: () => boolean
  #units: Watched[] = []
  #round = 0

  /** `send` gets every item. */
  constructor(send: (item: HeardItem) => void, isWatched: () => boolean) {
    this.#send = send
    this.#isWatched = isWatched
    this.#timer = setInterval(() => void this.#hear(), HEARTBEATS_MS).unref()
  }

  /** These are the units now; those that were known are watched on. */
  units(units: readonly Unit[]): void {
    const known = new Map(this.#units.map((watched) => [watched.key, watched]))
    this.#units = units.map((unit) => {
      const { key } = timelineUnit(unit)
      const watched = known.get(key) ?? newlyWatched(unit, key)
      known.delete(key)
      return watched
    })
    known.forEach(closeStream)
  }

  /** Hears nothing more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#units.forEach(closeStream)
    this.#units = []
    this.#agent.destroy()
  }

  async #hear(): Promise<void> {
    const place = this.#round++ % ROUNDS_PER_S
    const second = place === 0
    const isWatched = this.#isWatched()
    if (!second && !isWatched) return
    // Its first reading is there before the figures of the second are made, so that no second of a unit is left out.
    const mayOpen = place > 0 && place <= ROUNDS_PER_S / 2
    for (const unit of this.#units) {
      if (!isWatched) closeStream(unit)
      else if ((mayOpen || unit.failed) && unit.stream === null && (unit.reading?.turnedAtS ?? null) !== null)
        this.#openStream(unit)
    }
    const units = this.#units.filter(({ stream }) => second || stream !== null)
    const asked = units.filter(({ stream }) => stream === null)
    if (asked.length > 0) await Promise.race([Promise.all(asked.map((unit) => this.#ask(unit))), sleep(ROUND_MS)])
    const present = asked.length > 0 ? units.filter((unit) => this.#units.includes(unit)) : units
    const atMs = Date.now()
    if (second) this.#sendFigures(present, atMs)
    this.#report(present, atMs, second)
  }

  #report(units: readonly Watched[], atMs: number, second: boolean): void {
    let kept = second
    const beats: Record<string, Beat> = {}
    let count = 0
    for (const unit of units) {
      const beat = beatOf(unit)
      unit.isHeard = false
      // Nothing is to come from a process that is stopped: once it goes on, it has its time to answer again.
      if (beat?.process === 'stopped' && unit.waitingSinceMs !== null) unit.waitingSinceMs = performance.now()
      if (beat === null) continue
      kept = isNews(unit, beat) || kept
      beats[unit.key] = beat
      count += 1
    }
    if (count > 0) this.#send({ kind: 'beats', atMs, kept, beats })
  }

  #sendFigures(units: readonly Watched[], atMs: number): void {
    const figures: Record<string, UnitFigures> = {}
    for (const watched of units) {
      const { reading, before } = watched
      if (reading === null || reading === before) continue
      if (before !== null) figures[watched.key] = figuresBetween(before, reading)
      watched.before = reading
    }
    if (Object.keys(figures).length > 0) this.#send({ kind: 'figures', atMs, units: figures })
  }

  async #ask(watched: Watched): Promise<void> {
    if (watched.waitingSinceMs !== null) return
    watched.waitingSinceMs = performance.now()
    try {
      watched.reading = await readUnit(watched.unit, watched.reading, this.#agent)
      watched.failed = false
    } catch {
      watched.failed = true
    } finally {
      watched.waitingSinceMs = null
    }
  }

  #openStream(watched: Watched): void {
    const { metricsUrl } = watched.unit
    // What it was asked is still to be answered.
    if (metricsUrl === undefined || watched.waitingSinceMs !== null) return
    watched.waitingSinceMs = performance.now()
    watched.stream = new HeartbeatStream(metricsUrl, {
      onReading: (reading) => {
        const wasBlocked = isBlocked(watched.reading)
        Object.assign(watched, { reading, isHeard: true, failed: false, waitingSinceMs: performance.now() })
        // That a loop is blocked, or turns again, does not wait for the next round.
        if (isBlocked(reading) !== wasBlocked) this.#report([watched], Date.now(), false)
      },
      onEnd: () => Object.assign(watched, { stream: null, failed: true, waitingSinceMs: null }),
    })
  }
}

function newlyWatched(unit: Unit, key: string): Watched {
  return {
    unit,
    key,
    reading: null,
    before: null,
    stream: null,
    isHeard: false,
    waitingSinceMs: null,
    failed: false,
    reported: '',
  }
}

function closeStream(watched: Watched): void {
  if (watched.stream === null) return
  watched.stream.close()
  Object.assign(watched, { stream: null, waitingSinceMs: null })
}

function isBlocked(reading: Reading | null): boolean {
  return (reading?.ageS ?? 0) > BLOCKED_S
}

/** Whether a unit does something else than it did when it was last reported. */
function isNews(unit: Watched, { process, turnedAtS, ageS }: Beat): boolean {
  const doing = `${process} ${turnedAtS === null} ${(ageS ?? 0) > BLOCKED_S}`
  const isOther = doing !== unit.reported
  unit.reported = doing
  return isOther
}

/** What is known of a unit now; null while it may still be heard, or has been reported already. */
function beatOf({ unit, reading, stream, isHeard, waitingSinceMs, failed }: Watched): Beat | null {
  const process = isHeard ? 'running' : processOf(unit.pid)
  const draining = reading?.state === 'draining'
  const unheard: Beat = { process, turnedAtS: null, ageS: null, draining }
  if (process === 'gone' || process === 'stopped') return unheard
  if (failed) return unheard
  if (waitingSinceMs !== null && !isHeard) return performance.now() - waitingSinceMs > SILENT_MS ? unheard : null
  if (reading === null || (stream !== null && !isHeard)) return null
  return { process, turnedAtS: toMs(reading.turnedAtS, Math.floor), ageS: toMs(reading.ageS, Math.ceil), draining }
}

/** Seconds to the ms: an age is rounded up, so that what is blocked stays so. */
function toMs(seconds: number | null, round: (ms: number) => number): number | null {
  return seconds === null ? null : round(1000 * seconds) / 1000
}

function processOf(pid: number): Beat['process'] {
  if (!PROC_SUPPORTED) return 'unknown'
  const activity = activityOf(pid)
  if (activity === null) return 'gone'
  return activity === 'stopped' ? activity : 'running'
}
