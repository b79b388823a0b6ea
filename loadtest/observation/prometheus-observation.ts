import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { Unit } from '../../core/unit.ts'
import type { DriverProgress } from '../driver-progress.ts'
import { AnnouncedTargets } from './announced-targets.ts'
import {
  FINAL_READING_LIMIT_MS,
  FIRST_READING_LIMIT_MS,
  type Observation,
  type ObservationOptions,
  type ObservationPlace,
  type ObservedLaunch,
  type StoredCounts,
} from './observation.ts'
import { type Prometheus, type PrometheusOptions, startPrometheus } from './prometheus.ts'
import type { RangeSeries } from './prometheus-api.ts'
import { identityLabels, launchKey } from './run-metrics.ts'
import { nextSeriesName, SeriesFile, stampSeries } from './series-file.ts'
import { REQUEST_COUNT_SERIES, RequestTally } from './stored-counts.ts'
import { RUN_INSTANCE } from './targets.ts'

/** Time between two looks whether a reading has come, in milliseconds. */
const LOOK_INTERVAL_MS = 150

/** Wait for a reading once even the run itself was not read: the store is out of order, and the run shall not stand still. */
const SHORT_LIMIT_MS = 1500

/** Most times a Prometheus is started again: one that keeps dying has a cause that another start does not mend. */
const MOST_RESTARTS = 3

/** Options of an observation with a Prometheus of its own. */
export type PrometheusObservationOptions = ObservationOptions &
  Pick<PrometheusOptions, 'launch' | 'rules' | 'port' | 'signal'>

/**
 * Observes with a Prometheus of its own in `<dir>/prometheus`, which finds the units by file_sd and evaluates the
 * rules. After each trial its series are also copied to `<dir>` as OpenMetrics, the same as the recorder writes.
 * Throws what {@link startPrometheus} throws.
 */
export async function startPrometheusObservation(options: PrometheusObservationOptions): Promise<Observation> {
  const dir = join(options.dir, 'prometheus')
  const prometheus = await startPrometheus({ ...options, dir })
  try {
    return new PrometheusObservation(
      options,
      prometheus,
      await AnnouncedTargets.open(options.runId, join(dir, 'targets')),
    )
  } catch (thrown) {
    await prometheus.stop()
    throw thrown
  }
}

class PrometheusObservation implements Observation {
  readonly #options: PrometheusObservationOptions
  readonly #deaths: { readonly atMs: number; readonly text: string }[] = []
  #prometheus: Prometheus
  #restarting: Promise<void> | null = null
  readonly #announced: AnnouncedTargets
  readonly #reported = new Set<string>()
  #launch: ObservedLaunch | null = null
  #launchedAtMs = 0
  #outOfOrder = false
  #alive = true
  #closed: Promise<ObservationPlace> | null = null

  constructor(options: PrometheusObservationOptions, prometheus: Prometheus, announced: AnnouncedTargets) {
    this.#options = options
    this.#prometheus = prometheus
    this.#announced = announced
    void this.#watch()
  }

  /** Address of the one that runs now. */
  get url(): string {
    return this.#prometheus.url.origin
  }

  unitsChanged(launch: ObservedLaunch, units: readonly Unit[]): void {
    if (this.#closed !== null) return
    if (!this.#isCurrent(launch)) {
      this.#launch = launch
      this.#launchedAtMs = Date.now()
    }
    try {
      this.#announced.unitsChanged(launch, units)
    } catch (thrown) {
      this.#report(`Expected to be able to name the units to Prometheus, got: ${messageOf(thrown)}.`)
    }
  }

  phase(name: string): void {
    this.#announced.run.phase(name)
  }

  progress(progress: DriverProgress): void {
    this.#announced.run.progress(progress)
  }

  loadEnded(record: LoadRecord): void {
    this.#announced.run.loadEnded(record)
  }

  fault(name: string, active: boolean): void {
    this.#announced.run.fault(name, active)
  }

  async launched(launch: ObservedLaunch): Promise<void> {
    await this.#restarting
    if (!this.#alive || !this.#isCurrent(launch)) return
    try {
      await this.#readings(launch, this.#launchedAtMs, FIRST_READING_LIMIT_MS)
    } catch (thrown) {
      this.#report(`Expected Prometheus to report its targets, got: ${messageOf(thrown)}.`)
    }
  }

  async trialEnded(launch: ObservedLaunch): Promise<StoredCounts> {
    await this.#restarting
    if (!this.#alive || !this.#isCurrent(launch)) return { stored: null }
    try {
      await this.#readings(launch, Date.now(), FINAL_READING_LIMIT_MS)
      const series = await this.#prometheus.api.samples(`${this.#selector(launch)}[${this.#ageS()}s]`)
      await this.#keep(launch, series)
      return { stored: countRequests(series) }
    } catch (thrown) {
      this.#report(`Expected Prometheus to report what it stored, got: ${messageOf(thrown)}.`)
      return { stored: null }
    }
  }

  trouble(sinceMs: number): readonly string[] {
    return this.#deaths.filter(({ atMs }) => atMs >= sinceMs).map(({ text }) => text)
  }

  close(): Promise<ObservationPlace> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<ObservationPlace> {
    this.#alive = false
    await this.#restarting
    await this.#prometheus.stop()
    await this.#announced.close().catch(() => undefined)
    return { folder: this.#options.dir, url: null }
  }

  async #watch(): Promise<void> {
    const { reason } = await this.#prometheus.ended
    this.#deaths.push({ atMs: performance.now(), text: 'Prometheus ended by itself' })
    this.#restarting = this.#startAgain(reason)
  }

  /** Starts another on the same data; what could not be read meanwhile is missing. */
  async #startAgain(reason: string): Promise<void> {
    if (this.#closed !== null) return
    try {
      if (this.#deaths.length > MOST_RESTARTS) throw new Error(`it ended ${this.#deaths.length} times`)
      this.#prometheus = await startPrometheus({ ...this.#options, dir: join(this.#options.dir, 'prometheus') })
      this.#report(`${reason} It was started again, at ${this.url}.`)
      void this.#watch()
    } catch (thrown) {
      this.#alive = false
      this.#report(`${reason} It was not started again (${messageOf(thrown)}): series are missing from here on.`)
    }
  }

  /** Waits until every unit that is a target now, and the run itself, has a reading from after `afterMs`. */
  async #readings(launch: ObservedLaunch, afterMs: number, limitMs: number): Promise<void> {
    const { runId } = this.#options
    const units = `timestamp(up${this.#selector(launch)})`
    const run = `timestamp(up${labelMatchers({ run_id: runId, instance: RUN_INSTANCE })})`
    const patienceMs = this.#outOfOrder ? SHORT_LIMIT_MS : limitMs
    const begunMs = Date.now()
    for (;;) {
      const read = await this.#prometheus.api.instant(`${units} or ${run}`)
      const fresh = new Set(
        read.filter(({ value }) => value * 1000 > afterMs).map(({ labels }) => labels['worker'] ?? RUN_INSTANCE),
      )
      const missing = [...this.#announced.unitNames, RUN_INSTANCE].filter((name) => !fresh.has(name))
      if (missing.length === 0) return
      if (Date.now() - begunMs > patienceMs || !this.#alive) {
        this.#outOfOrder = missing.includes(RUN_INSTANCE)
        this.#report(
          `Expected Prometheus to read ${namedShort(missing)} within ${patienceMs / 1000} s, it did not. ${this.#prometheus.complaint()}`.trimEnd(),
        )
        return
      }
      await sleep(LOOK_INTERVAL_MS)
    }
  }

  async #keep(launch: ObservedLaunch, series: readonly RangeSeries[]): Promise<void> {
    try {
      const file = await SeriesFile.create(this.#options.dir, await nextSeriesName(this.#options.dir, launch))
      await file.append(stampSeries(series))
      await file.finish()
    } catch (thrown) {
      this.#report(`Expected to be able to write series to ${this.#options.dir}, got: ${messageOf(thrown)}.`)
    }
  }

  #isCurrent(launch: ObservedLaunch): boolean {
    return this.#launch !== null && launchKey(this.#launch) === launchKey(launch)
  }

  #selector(launch: ObservedLaunch): string {
    return labelMatchers(identityLabels(this.#options.runId, launch))
  }

  /** Seconds since the launch, rounded up, with one to spare. */
  #ageS(): number {
    return Math.ceil((Date.now() - this.#launchedAtMs) / 1000) + 1
  }

  #report(message: string): void {
    if (this.#reported.has(message)) return
    this.#reported.add(message)
    this.#options.onProblem(message)
  }
}

function labelMatchers(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `{${matchers.join(',')}}`
}

function namedShort(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more units`
}

function countRequests(series: readonly RangeSeries[]): number | null {
  const tally = new RequestTally()
  for (const { labels, points } of series) {
    const { __name__: name = '', ...own } = labels
    if (name !== REQUEST_COUNT_SERIES) continue
    for (const [, value] of points) tally.add({ name, labels: own, value })
  }
  return tally.requests
}
