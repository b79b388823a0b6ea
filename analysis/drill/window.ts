import type { DrillSecond } from '../../core/drill-record.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { addLedgers, type LatencyCounts, type LedgerSecond, type RouteSecond } from '../../core/ledger.ts'

/** What is counted of a route that nothing was heard of. */
const NOTHING: RouteSecond = {
  sent: 0,
  ok: 0,
  non2xx: 0,
  timeouts: 0,
  connectionErrors: 0,
  okLatencies: [],
  failedLatencies: [],
}

/** Some seconds of the ledger of a drill, one after the other, on which its goal is checked. */
export class LedgerWindow {
  readonly seconds: readonly DrillSecond[]
  readonly #sum: LedgerSecond

  constructor(seconds: readonly DrillSecond[]) {
    this.seconds = seconds
    this.#sum = addLedgers(seconds, 'last')
  }

  /** The routes that were asked for or heard of. */
  get routes(): readonly string[] {
    return [...new Set([...Object.keys(this.#sum.routes), ...this.seconds.flatMap(({ asked }) => Object.keys(asked))])]
  }

  /** What was counted of a route. */
  route(name: string): RouteSecond {
    return this.#sum.routes[name] ?? NOTHING
  }

  /** Requests of a route that the loads had to send. */
  asked(name: string): number {
    return this.seconds.reduce((sum, { asked }) => sum + (asked[name] ?? 0), 0)
  }

  /** Requests of a route that ended otherwise than with the expected answer. */
  lost(name: string): number {
    const { non2xx, timeouts, connectionErrors } = this.route(name)
    return non2xx + timeouts + connectionErrors
  }

  /** Requests of a route that ended, whatever their end. */
  ended(name: string): number {
    return this.route(name).ok + this.lost(name)
  }

  /** Share of the requests of a route that ended otherwise than expected; null where none ended. */
  lostShare(name: string): number | null {
    const ended = this.ended(name)
    return ended === 0 ? null : this.lost(name) / ended
  }

  /**
   * A quantile (0…1) of the time from the intended start of a request to its end, in ms: of expected answers, or of every
   * end where `ends` says so. Null where there was none.
   */
  quantileMs(name: string, q: number, ends: 'ok' | 'all' = 'ok'): number | null {
    const { okLatencies, failedLatencies } = this.route(name)
    return quantileMs(ends === 'ok' ? okLatencies : [...okLatencies, ...failedLatencies], q)
  }

  /** Age of the oldest request that was open at the end of any second, in ms; 0 where none was. */
  get oldestMs(): number {
    return Math.max(0, ...this.seconds.map(({ oldestMs }) => oldestMs ?? 0))
  }

  /** A figure that the drill keeps beside the ledger, second by second, where it was kept. */
  facts(name: string): readonly number[] {
    return this.seconds.flatMap(({ facts }) => (facts[name] === undefined ? [] : [facts[name]]))
  }

  /**
   * How much each counter has grown that the drill keeps beside the ledger under names with this prefix: of those that there
   * are in the last second, or of `all`; what one shows after a reset counts from zero.
   */
  growth(prefix: string, which: 'last' | 'all' = 'last'): ReadonlyMap<string, number> {
    const named = this.seconds.map(({ facts }) => Object.keys(facts).filter((name) => name.startsWith(prefix)))
    const last = named.findLast((names) => names.length > 0) ?? []
    const names = which === 'last' ? last : [...new Set(named.flat())]
    return new Map(
      names.map((name) => {
        const values = this.facts(name)
        const steps = values.slice(1).map((value, place) => {
          const before = values[place] ?? 0
          return value < before ? value : value - before
        })
        return [name.slice(prefix.length), steps.reduce((sum, step) => sum + step, 0)]
      }),
    )
  }
}

/** A quantile (0…1) of latencies, in ms; null where there is none. */
export function quantileMs(latencies: LatencyCounts, q: number): number | null {
  const histogram = new LatencyHistogram()
  for (const [valueUs, count] of latencies) histogram.record(valueUs, count)
  const us = histogram.quantileUs(q)
  return us === null ? null : us / 1000
}

/** How many of these latencies are above a limit in ms. */
export function countAboveMs(latencies: LatencyCounts, limitMs: number): number {
  return latencies.reduce((sum, [valueUs, count]) => sum + (valueUs > limitMs * 1000 ? count : 0), 0)
}
