/**
 * What a unit reports at `/heartbeat` of its metrics server, from the figures that its metrics have too. A thread of its
 * own answers, so that it is reported also while the event loop is blocked; cheap enough for ten readings a second.
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
