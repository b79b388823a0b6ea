import { LatencyHistogram } from '../../core/histogram.ts'
import type { RouteSecond } from '../../core/ledger.ts'
import type { WorkloadRequest } from '../../core/load.ts'
import type { Ending } from './recorder.ts'

interface Counts {
  sent: number
  ok: number
  non2xx: number
  timeouts: number
  connectionErrors: number
  readonly okLatency: LatencyHistogram
  readonly failedLatency: LatencyHistogram
}

/** Counts what happens to each route of a mix until it is asked, and begins anew. It takes no time and does no input or output. */
export class RouteTally {
  readonly #requests: readonly Pick<WorkloadRequest, 'route' | 'expectStatus'>[]
  #routes: Map<string, Counts>

  constructor(requests: readonly Pick<WorkloadRequest, 'route' | 'expectStatus'>[]) {
    this.#requests = requests
    this.#routes = new Map()
    this.#begin()
  }

  /** Counts the request at `index` of the mix as sent. */
  countSent(index: number): void {
    this.#of(index).sent++
  }

  /** Counts how the request at `index` of the mix ended, `tookUs` after its intended start. */
  countEnding(index: number, ending: Ending, tookUs: number): void {
    const counts = this.#of(index)
    if (ending.kind === 'answer' && ending.status === this.#requests[index]?.expectStatus) {
      counts.ok++
      counts.okLatency.record(tookUs)
      return
    }
    if (ending.kind === 'answer') counts.non2xx++
    else if (ending.kind === 'timeout') counts.timeouts++
    else counts.connectionErrors++
    counts.failedLatency.record(tookUs)
  }

  /** What was counted since it was last asked. */
  take(): Record<string, RouteSecond> {
    const taken = Object.fromEntries(
      [...this.#routes].map(([route, { okLatency, failedLatency, ...counts }]): [string, RouteSecond] => [
        route,
        { ...counts, okLatencies: [...okLatency.recorded()], failedLatencies: [...failedLatency.recorded()] },
      ]),
    )
    this.#begin()
    return taken
  }

  #begin(): void {
    this.#routes = new Map(
      this.#requests.map(({ route }) => [
        route,
        {
          sent: 0,
          ok: 0,
          non2xx: 0,
          timeouts: 0,
          connectionErrors: 0,
          okLatency: new LatencyHistogram(),
          failedLatency: new LatencyHistogram(),
        },
      ]),
    )
  }

  #of(index: number): Counts {
    const counts = this.#routes.get(this.#requests[index]?.route ?? '')
    if (counts === undefined) throw new Error(`Expected a request of the mix, got ${index}.`)
    return counts
  }
}
