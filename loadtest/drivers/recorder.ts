import { LatencyHistogram } from '../../core/histogram.ts'
import type { Load, WorkloadRequest } from '../../core/load.ts'
import { bucketCounts, bucketOf, DURATION_BUCKETS_S } from '../../core/metrics.ts'
import type { DriverProgress, LoadTotals } from '../driver-progress.ts'
import type { GeneratorPart, LedgerCounts, RoutePart, SecondPart } from '../generator-protocol.ts'

/** More distinct error messages than this are counted together as one. */
const DISTINCT_ERRORS = 20
/** A rest of a second that is shorter than this has no rate of its own. */
const LEAST_REST_S = 0.05

/** How one request ended. */
export type Ending =
  | { readonly kind: 'answer'; readonly status: number; readonly latencyUs: number; readonly serviceUs: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'connection-error'; readonly message: string }

/** What is counted of one route. */
interface Route {
  ok: number
  failed: number
  readonly histogram: LatencyHistogram
  /**
   * By bucket of the catalogue's durations; empty where there is only one route. What is nearer to a bound than the
   * histogram resolves can be on its other side in the counts of all.
   */
  readonly counts: number[]
}

/** The ledger and the histograms of one generator process. It takes no time and does no input or output. */
export class Recorder {
  readonly latency: LatencyHistogram = new LatencyHistogram()
  readonly service: LatencyHistogram
  sent = 0
  ok = 0
  non2xx = 0
  timeouts = 0
  connectionErrors = 0
  readonly #requests: readonly WorkloadRequest[]
  #timeoutUs: number
  readonly #routes: Map<string, Route>
  readonly #routeOf: readonly Route[]
  readonly #errors = new Map<string, number>()
  readonly #seconds: SecondPart[] = []
  readonly #latencyCounts = emptyBuckets()
  #latencySumS = 0
  #second = emptySecond()

  /**
   * `timeoutS` is what a timeout counts as. In a closed loop the service time is the latency. What is the same is kept
   * once: each histogram costs about 0.1 µs an answer.
   */
  constructor(requests: readonly WorkloadRequest[], timeoutS: number, loop: Load['kind']) {
    this.#requests = requests
    this.#timeoutUs = timeoutS * 1e6
    this.service = loop === 'closed' ? this.latency : new LatencyHistogram()
    const names = new Set(requests.map(({ route }) => route))
    const histogram = (): LatencyHistogram => (names.size === 1 ? this.latency : new LatencyHistogram())
    this.#routes = new Map(
      [...names].map((route) => [route, { ok: 0, failed: 0, histogram: histogram(), counts: emptyBuckets() }]),
    )
    this.#routeOf = requests.map(({ route }) => this.#routes.get(route) ?? missing(route))
  }

  /** What a timeout counts as from now on, in seconds. */
  set timeoutS(timeoutS: number) {
    this.#timeoutUs = timeoutS * 1e6
  }

  /** Counts one request as sent. */
  countSent(): void {
    this.sent++
    this.#second.sent++
  }

  /** Counts `count` requests that were already in flight when the counted part began; no second has them. */
  countInFlight(count: number): void {
    this.sent += count
  }

  /** Counts how the request at `index` of the mix ended. A timeout of one that was sent late has taken that much longer. */
  countEnding(index: number, ending: Ending, latenessUs: number = 0): void {
    const route = this.#routeOf[index] ?? missing(index)
    if (ending.kind === 'answer') {
      this.#second.answered++
      if (ending.status === this.#requests[index]?.expectStatus) {
        this.ok++
        this.#second.ok++
        route.ok++
        this.#recordLatency(route, ending.latencyUs, ending.serviceUs)
        return
      }
      this.non2xx++
      this.#countError(`status ${ending.status}`)
    } else if (ending.kind === 'timeout') {
      this.timeouts++
      this.#recordLatency(route, latenessUs + this.#timeoutUs, this.#timeoutUs)
      this.#countError(`no complete answer within ${this.#timeoutUs / 1e6} s`)
    } else {
      this.connectionErrors++
      this.#countError(ending.message)
    }
    this.#second.failed++
    route.failed++
  }

  /**
   * Closes the second that is going on, begins the next, and reports what the closed one was like; `answeredInAll` counts
   * what is not counted here too. When the process stood still for longer, `elapsedS` says how many seconds are over:
   * those that were missed are empty.
   */
  closeSecond(
    phase: DriverProgress['phase'],
    answeredInAll: number = this.ok + this.non2xx,
    elapsedS: number = this.#seconds.length + 1,
  ): DriverProgress {
    while (this.#seconds.length < elapsedS - 1) {
      this.#seconds.push({ atS: this.#seconds.length, sent: 0, ok: 0, failed: 0, latencies: [] })
    }
    const atS = this.#seconds.length
    const { sent, ok, answered, failed, latency } = this.#second
    this.#addToBuckets(latency)
    this.#seconds.push({ atS, sent, ok, failed, latencies: [...latency.recorded()] })
    this.#second = emptySecond()
    return {
      phase,
      elapsedS: atS + 1,
      ratePerS: answered,
      failed: this.non2xx + this.timeouts + this.connectionErrors,
      p50Ms: inMs(latency.quantileUs(0.5)),
      p99Ms: inMs(latency.quantileUs(0.99)),
      totals: this.#totals(answeredInAll),
    }
  }

  /**
   * Closes the rest of a second that is left at the end, if anything happened in it. Reports what it was like when the
   * counted part, `countedS` long, had begun it, as every slice that is shorter than a second has: with the rate of its
   * own length. What only ended after the counted part is no rate.
   */
  closeLastSecond(countedS: number, answeredInAll: number): DriverProgress | null {
    const { sent, answered, failed } = this.#second
    const restS = countedS - this.#seconds.length
    if (sent + answered + failed === 0) return null
    const progress = this.closeSecond('counting', answeredInAll)
    return restS < LEAST_REST_S ? null : { ...progress, elapsedS: countedS, ratePerS: answered / restS }
  }

  /** Requests counted as sent that have not ended. */
  get unfinished(): number {
    return this.sent - this.ok - this.non2xx - this.timeouts - this.connectionErrors
  }

  /** The ledger now: whatever was sent and has not ended is in flight. */
  ledger(schedule: { scheduled: number; unsent: number }): LedgerCounts {
    const { sent, ok, non2xx, timeouts, connectionErrors } = this
    return { ...schedule, sent, ok, non2xx, timeouts, connectionErrors, inFlightAtEnd: this.unfinished }
  }

  /** Histograms, routes, seconds and errors, ready to cross a process boundary. */
  part(): Pick<GeneratorPart, 'latency' | 'service' | 'routes' | 'seconds' | 'errors'> {
    return {
      latency: this.latency.toBase64(),
      service: this.service.toBase64(),
      routes: [...this.#routes].map(([route, { ok, failed, histogram }]): RoutePart => ({
        route,
        ok,
        failed,
        histogram: histogram.toBase64(),
      })),
      seconds: this.#seconds,
      errors: [...this.#errors].map(([message, count]) => ({ message, count })),
    }
  }

  #totals(answeredInAll: number): LoadTotals {
    const { sent, ok, non2xx, timeouts, connectionErrors } = this
    return {
      sent,
      ok,
      non2xx,
      timeouts,
      connectionErrors,
      uncounted: answeredInAll - ok - non2xx,
      latencyCounts: [...this.#latencyCounts],
      latencySumS: this.#latencySumS,
      ...(this.#routes.size > 1 && {
        routes: Object.fromEntries([...this.#routes].map(([route, { counts }]) => [route, [...counts]])),
      }),
    }
  }

  #addToBuckets(latency: LatencyHistogram): void {
    const { counts, sumS } = bucketCounts(latency.recorded())
    counts.forEach((count, i) => (this.#latencyCounts[i] = (this.#latencyCounts[i] ?? 0) + count))
    this.#latencySumS += sumS
  }

  #recordLatency({ histogram, counts }: Route, latencyUs: number, serviceUs: number): void {
    this.latency.record(latencyUs)
    this.#second.latency.record(latencyUs)
    if (this.service !== this.latency) this.service.record(serviceUs)
    if (histogram === this.latency) return
    histogram.record(latencyUs)
    const place = bucketOf(latencyUs)
    counts[place] = (counts[place] ?? 0) + 1
  }

  #countError(message: string): void {
    const key = this.#errors.has(message) || this.#errors.size < DISTINCT_ERRORS ? message : 'other errors'
    this.#errors.set(key, (this.#errors.get(key) ?? 0) + 1)
  }
}

function emptyBuckets(): number[] {
  return DURATION_BUCKETS_S.map(() => 0).concat(0)
}

function emptySecond(): { sent: number; ok: number; answered: number; failed: number; latency: LatencyHistogram } {
  return { sent: 0, ok: 0, answered: 0, failed: 0, latency: new LatencyHistogram() }
}

function inMs(us: number | null): number | null {
  return us === null ? null : us / 1000
}

function missing(what: string | number): never {
  throw new Error(`Expected a request of the mix, got ${what}.`)
}
