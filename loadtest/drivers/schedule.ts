import type { OpenLoad, WorkloadRequest } from '../../core/load.ts'
import { deriveSeed, exponential, seededRandom } from '../../core/random.ts'
import { dealRequests } from './mix.ts'

/** The arrivals of an open loop, fixed before the first one is sent. */
export interface Schedule {
  /** Instants in milliseconds since the start, ascending, warm-up included. */
  readonly instantsMs: Float64Array
  /** For each arrival, the index of its request in the mix. */
  readonly requests: Uint16Array
  /** Instant from which on arrivals count. */
  readonly countedFromMs: number
  /** Instant of the end. */
  readonly endMs: number
}

/**
 * Plans all arrivals of a load from its seed: a Poisson process of the given rate (exponential gaps, hence a number of
 * arrivals that varies around rate × duration), or one arrival every 1 ÷ rate seconds.
 */
export function planArrivals(load: OpenLoad, mix: readonly Pick<WorkloadRequest, 'weight'>[]): Schedule {
  const countedFromMs = (load.warmupS ?? 0) * 1000
  const endMs = countedFromMs + load.durationS * 1000
  const instantsMs = load.arrivals === 'constant' ? constantInstants(load, endMs) : poissonInstants(load, endMs)
  const deal = dealRequests(mix, seededRandom(deriveSeed(load.seed, 'mix')))
  return { instantsMs, requests: Uint16Array.from(instantsMs, deal), countedFromMs, endMs }
}

/**
 * The part of a schedule that one of several generator processes sends: every `of`-th arrival, from the `index`-th on.
 * The parts together are the schedule, whatever their number.
 */
export function shareOf(schedule: Schedule, share: { readonly index: number; readonly of: number }): Schedule {
  const mine = (_: number, i: number): boolean => i % share.of === share.index
  return {
    ...schedule,
    instantsMs: schedule.instantsMs.filter(mine),
    requests: schedule.requests.filter(mine),
  }
}

function poissonInstants(load: OpenLoad, endMs: number): Float64Array {
  const random = seededRandom(deriveSeed(load.seed, 'arrivals'))
  const meanGapMs = 1000 / load.ratePerS
  const instants: number[] = []
  for (let at = exponential(random, meanGapMs); at < endMs; at += exponential(random, meanGapMs)) instants.push(at)
  return Float64Array.from(instants)
}

function constantInstants(load: OpenLoad, endMs: number): Float64Array {
  const gapMs = 1000 / load.ratePerS
  return Float64Array.from({ length: Math.ceil(endMs / gapMs - 0.5) }, (_, i) => (i + 0.5) * gapMs)
}
