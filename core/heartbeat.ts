/**
 * What a unit reports at `/heartbeat` of its metrics server, from the figures that its metrics have too. A thread of its
 * own answers, so that it is reported also while the event loop is blocked; cheap enough to be read often.
 */
export interface HeartbeatReading {
  /** State of the unit: `starting`, `ready` or `draining`. */
  readonly state: string
  /** When the event loop turned last, in seconds on the machine's monotonic clock: it stands still while the loop does. */
  readonly turnedAtS: number
  /** Seconds since then. */
  readonly ageS: number
  /** CPU time of the process so far, in seconds; null where another unit reports the figures of the process. */
  readonly cpuS: number | null
  /** Resident memory of the process; null likewise. */
  readonly rssBytes: number | null
  /** Share of the last second in which the event loop was not idle. */
  readonly utilization: number
  /** Requests answered so far; null for a unit that answers none. */
  readonly requests: number | null
  /** Requests being answered now; null likewise. */
  readonly active: number | null
  /** Connections open now; null likewise. */
  readonly connections: number | null
}

/** Path of the reading on a unit's metrics server. */
export const HEARTBEAT_PATH = '/heartbeat'

/**
 * Path of a stream of readings, each a line of JSON, for as long as it is read: one every {@link HEARTBEATS_MS}, and one
 * as soon as the event loop is blocked or turns again.
 */
export const HEARTBEATS_PATH = '/heartbeats'

/** Time between two readings of the stream while nothing changes, in ms. */
export const HEARTBEATS_MS = 250

/** How often a streaming unit looks whether its event loop still turns, in ms. */
export const LOOK_MS = 50
