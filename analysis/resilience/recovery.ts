import type { LoadSecond } from '../../core/load.ts'
import type { RecordedFault, FaultedCell } from '../../core/resilience-record.ts'

/** Seconds until a server was at full strength again; null = not while it was watched, or not asked of this fault. */
export interface Recovery {
  /** The later of the two. */
  readonly fullS: number | null
  /** Every unit of the topology was in service, and stayed. */
  readonly unitsS: number | null
  /** The answers kept up with the requests, half of them or more were not slow, and both went on. */
  readonly rateS: number | null
}

/** A second keeps up when at least this share of its requests, less {@link ON_THEIR_WAY}, was answered in it. */
const KEEPS_UP = 0.7

/** Requests that may be on their way at the end of any second. */
const ON_THEIR_WAY = 3

/** When a server was at full strength again after a fault. */
export function recoveryOf(
  cell: FaultedCell,
  { id, recoveryFrom }: Pick<RecordedFault, 'id' | 'recoveryFrom'>,
): Recovery {
  if (recoveryFrom === null) return { fullS: null, unitsS: null, rateS: null }
  const { injection, service, seconds, slowLimitMs } = cell
  const fromS = recoveryFrom === 'end' ? injection.tookS : 0
  const since = (atS: number | null): number | null => (atS === null ? null : Math.max(0, atS - fromS))
  const complete = unitsBackS(service)
  // During a rolling reload there are always enough workers: it is over when the last old one is gone.
  const unitsS = since(complete === null ? null : id === 'reload' ? Math.max(complete, injection.tookS) : complete)
  const rateS = since(rateBackS(seconds, injection.atS, slowLimitMs))
  return { unitsS, rateS, fullS: unitsS === null || rateS === null ? null : Math.max(unitsS, rateS) }
}

/** Seconds from the injection until nothing was missing any more; 0 when nothing ever was. */
export function unitsBackS(service: FaultedCell['service']): number | null {
  const last = service.at(-1)
  if (last === undefined || last.missing.length > 0) return null
  return service.some(({ missing }) => missing.length > 0) ? last.atS : 0
}

/** Seconds from the injection to the end of the last second that did not keep up or was slow; 0 when there was none. */
export function rateBackS(seconds: readonly LoadSecond[], injectedAtS: number, slowLimitMs: number): number | null {
  // What is left after the last arrival is drained, not asked for.
  const asked = seconds.filter(({ sent }) => sent > 0)
  const since = asked.filter(({ atS }) => atS + 1 > injectedAtS)
  const lastBad = since.findLast((second) => !keepsUp(second, slowLimitMs))
  if (lastBad === undefined) return 0
  const lastFull = asked.findLast(({ atS }) => asked.some((other) => other.atS > atS)) ?? lastBad
  return lastBad.atS >= lastFull.atS ? null : lastBad.atS + 1 - injectedAtS
}

/** A queue that is being worked off answers as many as come, but late: the median shows it. */
function keepsUp({ sent, ok, p50Ms }: LoadSecond, slowLimitMs: number): boolean {
  return ok >= KEEPS_UP * sent - ON_THEIR_WAY && (p50Ms ?? 0) <= slowLimitMs
}
