/** Latencies in µs with their counts, as the histogram keeps them. */
export type LatencyCounts = readonly (readonly [valueUs: number, count: number])[]

/** What happened to the requests of one route in a second: those that were sent in it, and those that ended in it. */
export interface RouteSecond {
  readonly sent: number
  /** Answers with the expected status. */
  readonly ok: number
  readonly non2xx: number
  readonly timeouts: number
  readonly connectionErrors: number
  /** From the intended start, of answers with the expected status. */
  readonly okLatencies: LatencyCounts
  /** From the intended start to the end, of everything else: other answers, timeouts, connections that broke. */
  readonly failedLatencies: LatencyCounts
}

/** A second of a generator's ledger, route by route, with what is still open at its end. */
export interface LedgerSecond {
  readonly routes: Readonly<Record<string, RouteSecond>>
  /** Requests that were sent and have not ended. */
  readonly inFlight: number
  /** Arrivals that wait for a connection. */
  readonly waiting: number
  /** Age of the oldest request in flight, from its intended start; null where none is. */
  readonly oldestMs: number | null
}

/** The sum of ledgers of the same time: of several generators, or of one generator over several seconds, the last one last. */
export function addLedgers(ledgers: readonly LedgerSecond[], open: 'each' | 'last' = 'each'): LedgerSecond {
  const routes: Record<string, RouteSecond> = {}
  for (const ledger of ledgers) {
    for (const [name, second] of Object.entries(ledger.routes)) {
      const before = routes[name]
      routes[name] = before === undefined ? second : addRoutes(before, second)
    }
  }
  const left = open === 'last' ? ledgers.slice(-1) : ledgers
  const ages = left.map(({ oldestMs }) => oldestMs).filter((age) => age !== null)
  return {
    routes,
    inFlight: left.reduce((sum, { inFlight }) => sum + inFlight, 0),
    waiting: left.reduce((sum, { waiting }) => sum + waiting, 0),
    oldestMs: ages.length === 0 ? null : Math.max(...ages),
  }
}

function addRoutes(a: RouteSecond, b: RouteSecond): RouteSecond {
  return {
    sent: a.sent + b.sent,
    ok: a.ok + b.ok,
    non2xx: a.non2xx + b.non2xx,
    timeouts: a.timeouts + b.timeouts,
    connectionErrors: a.connectionErrors + b.connectionErrors,
    okLatencies: [...a.okLatencies, ...b.okLatencies],
    failedLatencies: [...a.failedLatencies, ...b.failedLatencies],
  }
}
