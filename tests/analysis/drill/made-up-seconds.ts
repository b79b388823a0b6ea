import type { DrillSecond } from '../../../core/drill-record.ts'
import type { RouteSecond } from '../../../core/ledger.ts'

/** What a route of a made-up second has different from 100 answers after 20 ms. */
export function routeOf(changes: Partial<RouteSecond> = {}): RouteSecond {
  return {
    sent: 100,
    ok: 100,
    non2xx: 0,
    timeouts: 0,
    connectionErrors: 0,
    okLatencies: [[20_000, 100]],
    failedLatencies: [],
    ...changes,
  }
}

/** A made-up second of a drill: 100 requests of `io` are asked for, sent and answered unless it says otherwise. */
export function secondOf(atS: number, changes: Partial<DrillSecond> = {}): DrillSecond {
  return {
    schema: 'forkwise/drill-second@1',
    atS,
    routes: { io: routeOf() },
    inFlight: 1,
    waiting: 0,
    oldestMs: 20,
    asked: { io: 100 },
    facts: {},
    ...changes,
  }
}
