import type { WorkloadRequest } from '../../core/load.ts'
import type { Arrival, ArrivalEvents } from './open-connections.ts'
import type { Ending } from './recorder.ts'
import type { Retries } from './retries.ts'

/** What happens to an arrival, however often it is tried. */
export interface AttemptEvents extends Pick<ArrivalEvents, 'sent'> {
  /** `latenessUs` is how late it was sent for the first time, `lastLatenessUs` for the last time. */
  ended(arrival: Arrival, ending: Ending, latenessUs: number, lastLatenessUs: number): void
}

/** An arrival that is being tried again. */
interface Retried {
  readonly arrival: Arrival
  readonly latenessUs: number
  tries: number
  /** How the try before ended, and how late it was sent. */
  before: { readonly ending: Ending; readonly latenessUs: number }
  /** Set while it pauses. */
  timer: NodeJS.Timeout | null
}

/** Tries the arrivals of one pool of connections again where the policy says so: each is sent once and ends once. */
export class Attempts implements ArrivalEvents {
  readonly #retries: Retries
  readonly #mix: readonly Pick<WorkloadRequest, 'method'>[]
  readonly #events: AttemptEvents
  /** By place in the schedule. */
  readonly #retried = new Map<number, Retried>()
  #isOver = false
  /** Retries that were begun. */
  count = 0
  /** Sends an arrival again. */
  send: (arrival: Arrival) => void = () => undefined

  constructor(retries: Retries, mix: readonly Pick<WorkloadRequest, 'method'>[], events: AttemptEvents) {
    this.#retries = retries
    this.#mix = mix
    this.#events = events
  }

  /** Arrivals that pause before they are tried again. */
  get pausing(): number {
    let pausing = 0
    for (const { timer } of this.#retried.values()) if (timer !== null) pausing++
    return pausing
  }

  /** The earliest intended start of the arrivals that are being tried again; null where there are none. */
  get oldestIntendedMs(): number | null {
    let oldestMs: number | null = null
    for (const { arrival } of this.#retried.values()) oldestMs = Math.min(oldestMs ?? Infinity, arrival.intendedMs)
    return oldestMs
  }

  sent(arrival: Arrival, sentMs: number): void {
    if (this.#retried.has(arrival.place)) return
    this.#retries.earn()
    this.#events.sent(arrival, sentMs)
  }

  ended(arrival: Arrival, ending: Ending, lastLatenessUs: number): void {
    const known = this.#retried.get(arrival.place)
    const tries = known?.tries ?? 0
    const method = this.#mix[arrival.request]?.method ?? 'GET'
    const pauseMs = this.#isOver ? null : this.#retries.pauseMs(method, ending, tries)
    const latenessUs = known?.latenessUs ?? lastLatenessUs
    if (pauseMs === null) {
      this.#retried.delete(arrival.place)
      this.#events.ended(arrival, wholeOf(ending, lastLatenessUs - latenessUs), latenessUs, lastLatenessUs)
      return
    }
    const before = { ending, latenessUs: lastLatenessUs }
    const retried: Retried = { arrival, latenessUs, tries: tries + 1, before, timer: null }
    this.#retried.set(arrival.place, retried)
    this.count++
    retried.timer = setTimeout(() => {
      retried.timer = null
      this.send(arrival)
    }, pauseMs)
  }

  /** Tries nothing again any more; what pauses, or was to be tried again and is not sent, ends as it ended before. */
  giveUp(unsent: readonly Arrival[]): void {
    this.#isOver = true
    const places = new Set(unsent.map(({ place }) => place))
    for (const [place, { arrival, timer, latenessUs, before }] of this.#retried) {
      if (timer === null && !places.has(place)) continue
      if (timer !== null) clearTimeout(timer)
      this.#retried.delete(place)
      this.#events.ended(arrival, before.ending, latenessUs, before.latenessUs)
    }
  }

  /** Forgets what pauses. */
  close(): void {
    for (const { timer } of this.#retried.values()) if (timer !== null) clearTimeout(timer)
    this.#retried.clear()
  }
}

/** An ending whose service time counts from the first try. */
function wholeOf(ending: Ending, sinceFirstUs: number): Ending {
  return ending.kind === 'answer' ? { ...ending, serviceUs: ending.serviceUs + sinceFirstUs } : ending
}
