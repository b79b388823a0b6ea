import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { activityOf, PROC_SUPPORTED } from '../../cluster/proc.ts'
import type { Unit } from '../../core/unit.ts'
import { type Beat, BLOCKED_S, type HeardItem, timelineUnit, type UnitFigures } from '../../core/timeline.ts'
import { figuresBetween, type Reading, readUnit } from './unit-reading.ts'

/** Time between two heartbeats that are read while somebody watches, in ms. */
export const BEAT_MS = 100

/** Beats in a second: figures are sent, and units without a heartbeat read, this often; so is everything unwatched. */
const BEATS_PER_S = 10

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
  /** When the question was asked that is not answered yet; null when there is none. */
  askedAtMs: number | null
  /** The last question was not answered. */
  failed: boolean
  /** What it was last reported to be doing, so that a change is noticed. */
  reported: string
}

/**
 * Asks the units of the running server for their heartbeats, ten times a second while somebody watches and once a second
 * otherwise, and sends beats and, once a second, figures. Each unit is asked by itself: one that hangs delays no other.
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
    this.#timer = setInterval(() => void this.#beat(), BEAT_MS).unref()
  }

  /** These are the units now; those that were known are watched on. */
  units(units: readonly Unit[]): void {
    const known = new Map(this.#units.map((watched) => [watched.key, watched]))
    this.#units = units.map((unit) => {
      const { key } = timelineUnit(unit)
      const fresh = { unit, key, reading: null, before: null, askedAtMs: null, failed: false, reported: '' }
      return known.get(key) ?? fresh
    })
  }

  /** Asks no more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#units = []
    this.#agent.destroy()
  }

  async #beat(): Promise<void> {
    const second = this.#round++ % BEATS_PER_S === 0
    if (!second && !this.#isWatched()) return
    const units = this.#units.filter(({ reading }) => second || reading?.turnedAtS !== null)
    if (units.length === 0) return
    await Promise.race([Promise.all(units.map((unit) => this.#ask(unit))), sleep(ROUND_MS)])
    const atMs = Date.now()
    const present = units.filter((unit) => this.#units.includes(unit))
    let kept = second
    const beats = present.flatMap((unit) => {
      const beat = beatOf(unit)
      if (beat === null) return []
      kept = isNews(unit, beat) || kept
      return [[unit.key, beat] as const]
    })
    if (beats.length > 0) this.#send({ kind: 'beats', atMs, kept, beats: Object.fromEntries(beats) })
    if (second) this.#sendFigures(present, atMs)
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
    if (watched.askedAtMs !== null) return
    watched.askedAtMs = performance.now()
    try {
      watched.reading = await readUnit(watched.unit, watched.reading, this.#agent)
      watched.failed = false
    } catch {
      watched.failed = true
    } finally {
      watched.askedAtMs = null
    }
  }
}

/** Whether a unit does something else than it did when it was last reported. */
function isNews(unit: Watched, { process, turnedAtS, ageS }: Beat): boolean {
  const doing = `${process} ${turnedAtS === null} ${(ageS ?? 0) > BLOCKED_S}`
  const isOther = doing !== unit.reported
  unit.reported = doing
  return isOther
}

/** What is known of a unit now; null while it may still answer. */
function beatOf({ unit, reading, askedAtMs, failed }: Watched): Beat | null {
  const activity = activityOf(unit.pid)
  const process = !PROC_SUPPORTED
    ? 'unknown'
    : activity === null
      ? 'gone'
      : activity === 'stopped'
        ? activity
        : 'running'
  const draining = reading?.state === 'draining'
  const unheard: Beat = { process, turnedAtS: null, ageS: null, draining }
  if (process === 'gone' || process === 'stopped') return unheard
  if (askedAtMs !== null) return performance.now() - askedAtMs > SILENT_MS ? unheard : null
  if (failed) return unheard
  return reading === null ? null : { process, turnedAtS: reading.turnedAtS, ageS: reading.ageS, draining }
}
