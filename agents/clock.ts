/** One question for the time and its answer, in milliseconds of the two clocks. */
export interface ClockExchange {
  readonly askedMs: number
  /** What the other clock showed in between. */
  readonly otherMs: number
  readonly answeredMs: number
}

/** How another clock stands to ours. */
export interface ClockReading {
  /** What the other clock is ahead of ours. */
  readonly offsetMs: number
  /** How wrong `offsetMs` can be: half of the round trip. */
  readonly errorMs: number
  readonly roundTripMs: number
}

/**
 * The reading of the exchange with the least round trip (Cristian 1989): the other clock was read somewhere within it, so
 * that the middle is wrong by half of it at most, however the way there and the way back differ. Throws where there is
 * none.
 */
export function readClock(exchanges: readonly ClockExchange[]): ClockReading {
  const [best] = exchanges.toSorted((a, b) => roundTripOf(a) - roundTripOf(b))
  if (best === undefined) throw new Error('Expected at least one exchange to read a clock from.')
  const roundTripMs = roundTripOf(best)
  return { offsetMs: best.otherMs - (best.askedMs + best.answeredMs) / 2, errorMs: roundTripMs / 2, roundTripMs }
}

/** Two clocks may part by this much a second and still be sound: 500 parts in a million, the most that NTP corrects. */
const MOST_DRIFT_MS_PER_S = 0.5

/**
 * What a clock gained between two readings `elapsedS` apart, and whether that is more than two sound clocks can: then one
 * of them was stopped or set.
 */
export function driftOf(
  before: ClockReading,
  after: ClockReading,
  elapsedS: number,
): { readonly driftMs: number; readonly stepped: boolean } {
  const driftMs = after.offsetMs - before.offsetMs
  const mostMs = before.errorMs + after.errorMs + MOST_DRIFT_MS_PER_S * elapsedS
  return { driftMs, stepped: Math.abs(driftMs) > mostMs }
}

/**
 * How far apart several starts were: each came `lateMs` after one instant by a clock that was read to `errorMs`. The bound
 * is what the distance can be at most.
 */
export function startSkew(starts: readonly { readonly lateMs: number; readonly errorMs: number }[]): {
  readonly skewMs: number
  readonly boundMs: number
} {
  if (starts.length < 2) return { skewMs: 0, boundMs: 0 }
  const lates = starts.map(({ lateMs }) => lateMs)
  const bounds = starts.flatMap((one) =>
    starts.filter((other) => other !== one).map((other) => one.lateMs + one.errorMs - other.lateMs + other.errorMs),
  )
  return { skewMs: Math.max(...lates) - Math.min(...lates), boundMs: Math.max(...bounds) }
}

function roundTripOf({ askedMs, answeredMs }: ClockExchange): number {
  return answeredMs - askedMs
}
