import type { Labels } from '../../core/exposition.ts'

/** Longest wait for an answer, in milliseconds. */
const QUERY_LIMIT_MS = 30_000

/** Longest wait for a page, in milliseconds. */
const PAGE_LIMIT_MS = 2000

/** A series at one instant. */
export interface InstantSeries {
  readonly labels: Labels
  readonly atMs: number
  readonly value: number
}

/** A series over time. */
export interface RangeSeries {
  readonly labels: Labels
  readonly points: readonly (readonly [atMs: number, value: number])[]
}

/** An alert that is pending or firing. */
export interface ActiveAlert {
  readonly name: string
  readonly state: 'pending' | 'firing'
  readonly labels: Labels
  readonly annotations: Labels
}

/** What a Prometheus is asked over HTTP. Every method but {@link ready} rejects with Prometheus' own words. */
export class PrometheusApi {
  readonly #url: URL

  constructor(url: URL) {
    this.#url = url
  }

  /** True once it answers queries; never rejects. */
  async ready(): Promise<boolean> {
    try {
      return (await fetch(new URL('/-/ready', this.#url), { signal: AbortSignal.timeout(1000) })).ok
    } catch {
      return false
    }
  }

  /** The series of an expression at an instant (now unless given, ms since the epoch). */
  async instant(expr: string, atMs: number = Date.now()): Promise<InstantSeries[]> {
    const result = await this.#query('query', { query: expr, time: seconds(atMs) })
    if (result.resultType === 'scalar') {
      const [at, value] = result.result as RawPoint
      return [{ labels: {}, atMs: at * 1000, value: Number(value) }]
    }
    return (result.result as RawVector).map(({ metric, value: [at, value] }) => ({
      labels: metric,
      atMs: at * 1000,
      value: Number(value),
    }))
  }

  /** The stored samples, as they are, of a range selector like `up[30s]` up to an instant. */
  async samples(rangeSelector: string, atMs: number = Date.now()): Promise<RangeSeries[]> {
    const result = await this.#query('query', { query: rangeSelector, time: seconds(atMs) })
    return (result.result as RawMatrix).map(asRange)
  }

  /** An expression computed at every step from `fromMs` to `toMs`. */
  async range(expr: string, fromMs: number, toMs: number, stepS: number): Promise<RangeSeries[]> {
    const parameters = { query: expr, start: seconds(fromMs), end: seconds(toMs), step: String(stepS) }
    const result = await this.#query('query_range', parameters)
    return (result.result as RawMatrix).map(asRange)
  }

  /** How many series an expression has with at least one number between two instants, looked at once a second. */
  async countSeries(expr: string, fromMs: number, toMs: number): Promise<number> {
    const series = await this.range(expr, fromMs, toMs, 1)
    return series.filter(({ points }) => points.some(([, value]) => !Number.isNaN(value))).length
  }

  /** Where this Prometheus shows its alerts, or graphs of expressions: Debian's has the classic pages alone. Never rejects. */
  async pageOf(what: 'alerts' | 'graph'): Promise<URL> {
    const [page, classic] = [new URL(`/${what}`, this.#url), new URL(`/classic/${what}`, this.#url)]
    return !(await isThere(page)) && (await isThere(classic)) ? classic : page
  }

  /** Alerts that are pending or firing now. */
  async alerts(): Promise<ActiveAlert[]> {
    const { alerts } = (await this.#get('alerts', {})) as {
      alerts: { labels: Record<string, string>; annotations: Record<string, string>; state: 'pending' | 'firing' }[]
    }
    return alerts.map(({ labels, annotations, state }) => {
      const { alertname = '', ...rest } = labels
      return { name: alertname, state, labels: rest, annotations }
    })
  }

  async #query(endpoint: 'query' | 'query_range', parameters: Record<string, string>): Promise<RawResult> {
    return (await this.#get(endpoint, parameters)) as RawResult
  }

  async #get(endpoint: string, parameters: Record<string, string>): Promise<unknown> {
    const url = new URL(`/api/v1/${endpoint}`, this.#url)
    const response = await fetch(url, {
      method: endpoint === 'alerts' ? 'GET' : 'POST',
      ...(endpoint === 'alerts' ? {} : { body: new URLSearchParams(parameters) }),
      signal: AbortSignal.timeout(QUERY_LIMIT_MS),
    })
    const answer = (await response.json()) as { status: string; data?: unknown; error?: string }
    if (answer.status !== 'success')
      throw new Error(`${parameters['query'] ?? endpoint}: ${answer.error ?? 'no reason'}`)
    return answer.data
  }
}

type RawPoint = [atS: number, value: string]
type RawVector = { metric: Record<string, string>; value: RawPoint }[]
type RawMatrix = { metric: Record<string, string>; values: RawPoint[] }[]

interface RawResult {
  readonly resultType: 'vector' | 'matrix' | 'scalar' | 'string'
  readonly result: unknown
}

function asRange({ metric, values }: RawMatrix[number]): RangeSeries {
  return { labels: metric, points: values.map(([atS, value]) => [Math.round(atS * 1000), Number(value)] as const) }
}

function seconds(atMs: number): string {
  return (atMs / 1000).toFixed(3)
}

async function isThere(page: URL): Promise<boolean> {
  try {
    const response = await fetch(page, { signal: AbortSignal.timeout(PAGE_LIMIT_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
