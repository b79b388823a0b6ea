import type { OpenLoad, WorkloadRequest } from '../../core/load.ts'
import { deriveSeed, exponential, hashedUniform, seededRandom } from '../../core/random.ts'
import { dealRequests } from './mix.ts'

/** The arrivals of an open loop, fixed before the first one is sent. */
export interface Schedule {
  /** Instants in milliseconds since the start, ascending, warm-up included. */
  readonly instantsMs: Float64Array
  /** For each arrival, the index of its request in the mix. */
  readonly requests: Uint16Array
  /** For each arrival, its number in the whole schedule. */
  readonly numbers: Uint32Array
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
  const requests = Uint16Array.from(instantsMs, deal)
  const numbers = new Uint32Array(instantsMs.length)
  for (let i = 0; i < numbers.length; i++) numbers[i] = i
  return { instantsMs, requests, numbers, countedFromMs, endMs }
}

/**
 * The part of a schedule that one of several generator processes sends, dealt by a seeded hash of each arrival's number.
 * The parts together are the schedule, whatever their number. Parts of a Poisson process that are dealt at random are
 * independent Poisson processes, so that their sum is one too when some begin later than others; of every n-th arrival it
 * would not be.
 */
export function shareOf(
  schedule: Schedule,
  share: { readonly index: number; readonly of: number },
  seed: number,
): Schedule {
  if (share.of === 1) return schedule
  const shareSeed = deriveSeed(seed, 'share')
  const { instantsMs, requests } = schedule
  const numbers = schedule.numbers.filter(
    (number) => Math.floor(hashedUniform(shareSeed, number) * share.of) === share.index,
  )
  return {
    ...schedule,
    instantsMs: Float64Array.from(numbers, (number) => instantsMs[number] ?? 0),
    requests: Uint16Array.from(numbers, (number) => requests[number] ?? 0),
    numbers,
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
