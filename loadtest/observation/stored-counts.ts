import { type Sample, renderLabels } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'

/** Name of the series that counts answered requests. */
export const REQUEST_COUNT_SERIES: string = `${METRICS.requestDuration.name}_count`

/** The series of all answers: a proxy's own are in no worker's. */
const ANSWER_SERIES: ReadonlySet<string> = new Set([REQUEST_COUNT_SERIES, METRICS.proxyAnswers.name])

/** Routes that are Forkwise's own and never part of a workload. */
const OWN_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * How much a counter rose over its samples, given that it began at zero when its process did: the first value counts
 * in full, and after a fall (a process that began anew under the same labels) the new value does. Unlike PromQL's
 * `increase()`, which guesses what happened before the first and after the last sample, this adds nothing.
 */
export function riseFromZero(values: Iterable<number>): number {
  let rise = 0
  let last = 0
  for (const value of values) {
    rise += value >= last ? value - last : value
    last = value
  }
  return rise
}

/** Counts what the series of request counts of one launch hold, sample by sample as they are stored. */
export class RequestTally {
  readonly #last = new Map<string, number>()
  #rise = 0
  #any = false

  /** Takes a sample into account if it counts requests of the workload. Samples of a series come in order of time. */
  add(sample: Sample): void {
    if (!ANSWER_SERIES.has(sample.name) || OWN_ROUTES.has(sample.labels['http_route'] ?? '')) return
    const key = sample.name + renderLabels(sample.labels)
    const last = this.#last.get(key) ?? 0
    this.#rise += riseFromZero([last, sample.value]) - last
    this.#last.set(key, sample.value)
    this.#any = true
  }

  /** Requests counted; null before the first sample. */
  get requests(): number | null {
    return this.#any ? this.#rise : null
  }
}
