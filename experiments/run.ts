import type { Emit, ExperimentEvent } from './events.ts'

/**
 * A running experiment. Awaiting it gives its result; iterating over it gives its events. Several readers may iterate at
 * once, from the first event on. No reader is ever waited for: one that falls behind by more than {@link RING_SIZE}
 * events misses the oldest, and of `load` events it gets only the newest. Leaving the loop ends the reader, not the run:
 * the run ends by itself or when its signal aborts.
 */
export interface Run<T> extends PromiseLike<T>, AsyncIterable<ExperimentEvent> {
  /** Says whether somebody watches the units: while they do, `units-heard` comes four times a second, and at once when a loop is blocked. */
  watch(watched: boolean): void
}

/** When events were emitted first, in ms since the epoch: whoever reads one, however late, is told the same moment. */
const EMITTED_AT = new WeakMap<ExperimentEvent, number>()

/** When an event happened, in ms since the epoch; for one that no run emitted, now. */
export function happenedAtMs(event: ExperimentEvent): number {
  return EMITTED_AT.get(event) ?? Date.now()
}

/** Most events that are kept for readers. */
export const RING_SIZE = 4096

interface Numbered {
  readonly number: number
  readonly event: ExperimentEvent
}

/**
 * Starts an experiment in the next microtask, so that readers that begin at once see every event. A run that fails
 * rejects where it is awaited and throws at the end of every iteration.
 */
export function startRun<T>(body: (emit: Emit) => Promise<T>): Run<T> {
  const events = new EventRing()
  let [followed, watched] = [false, false]
  const push = (event: ExperimentEvent): void => {
    if (!EMITTED_AT.has(event)) EMITTED_AT.set(event, Date.now())
    events.push(event)
  }
  const emit: Emit = Object.assign(push, { isWatched: () => watched })
  const result = Promise.resolve().then(() => body(emit))
  result.then(
    () => events.end(),
    (thrown: unknown) => {
      events.end(thrown)
      // Nobody would ever hear of it: Node reports it as an unhandled rejection.
      if (!followed) throw thrown
    },
  )
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- a run is to be awaited
    then: (onResult, onError) => {
      followed = true
      return result.then(onResult, onError)
    },
    [Symbol.asyncIterator]: () => {
      followed = true
      return events.read()
    },
    watch: (is) => {
      watched = is
    },
  }
}

/** A run that begins with its preparation: what that throws, the run rejects with. */
export function prepareAndRun<P, T>(prepare: () => Promise<P>, run: (prepared: P) => Run<T>): Run<T> {
  return startRun(async (emit) => {
    const inner = run(await prepare())
    for await (const event of inner) {
      inner.watch(emit.isWatched?.() ?? false)
      emit(event)
    }
    return inner
  })
}

/** The same run with another result, made of its own; the events stay. */
export function mapRun<T, U>(run: Run<T>, map: (result: T) => U | Promise<U>): Run<U> {
  let mapped: Promise<U> | null = null
  const result = (): Promise<U> => (mapped ??= Promise.resolve(run).then(map))
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- a run is to be awaited
    then: (onResult, onError) => result().then(onResult, onError),
    [Symbol.asyncIterator]: () => run[Symbol.asyncIterator](),
    watch: (watched) => run.watch(watched),
  }
}

/** Events for any number of readers, bounded in memory. */
export class EventRing {
  readonly #ring: (Numbered | undefined)[]
  #next = 0
  #load: Numbered | null = null
  #numbers = 0
  #ended: { readonly error?: unknown } | null = null
  #waiting: (() => void)[] = []

  constructor(size: number = RING_SIZE) {
    this.#ring = Array.from({ length: size }, () => undefined)
  }

  /** Adds an event and wakes the readers that wait; costs the same however many events were added before. */
  push(event: ExperimentEvent): void {
    if (this.#ended !== null) return
    const numbered = { number: this.#numbers++, event }
    if (event.type === 'load') this.#load = numbered
    else this.#ring[this.#next++ % this.#ring.length] = numbered
    this.#wake()
  }

  /** Events that are held now. */
  get size(): number {
    return this.#ring.filter((event) => event !== undefined).length + (this.#load === null ? 0 : 1)
  }

  /** Lets every reader end once it has read what is there; with an error, by throwing it. */
  end(...error: [] | [unknown]): void {
    this.#ended = error.length === 0 ? {} : { error: error[0] }
    this.#wake()
  }

  /** A new reader, from the oldest event that is still there. */
  async *read(): AsyncGenerator<ExperimentEvent, void, undefined> {
    let position = 0
    let lastLoad = -1
    for (;;) {
      position = Math.max(position, this.#next - this.#ring.length)
      const event = position < this.#next ? this.#ring[position % this.#ring.length] : undefined
      const load = this.#load !== null && this.#load.number > lastLoad ? this.#load : undefined
      if (load !== undefined && (event === undefined || load.number < event.number)) {
        lastLoad = load.number
        yield load.event
      } else if (event !== undefined) {
        position += 1
        yield event.event
      } else if (this.#ended !== null) {
        if ('error' in this.#ended) throw this.#ended.error
        return
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
