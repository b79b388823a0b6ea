import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { Unit } from '../../core/unit.ts'
import type { DriverProgress } from '../driver.ts'
import { Bridge } from './bridge.ts'
import { type ExpositionServer, serveExposition } from './exposition-server.ts'
import {
  FINAL_READING_LIMIT_MS,
  type Observation,
  type ObservationOptions,
  type ObservationPlace,
  type ObservedLaunch,
  type StoredCounts,
} from './observation.ts'
import { type Prometheus, type PrometheusOptions, startPrometheus } from './prometheus.ts'
import { RUN_TARGETS_FILE, UNIT_TARGETS_FILE } from './prometheus-config.ts'
import type { RangeSeries } from './prometheus-api.ts'
import { RunMetrics, identityLabels, launchKey } from './run-metrics.ts'
import { SeriesFile, stampSeries } from './series-file.ts'
import { REQUEST_COUNT_SERIES, RequestTally } from './stored-counts.ts'
import { type Target, UNIT_JOB, fileSdGroups, targetsOf, writeFileSd } from './targets.ts'

/** Path of the run's own series. */
const RUN_PATH = '/run/metrics'

/** Time between two looks whether the last reading has come, in milliseconds. */
const LOOK_INTERVAL_MS = 150

/** Wait for the last reading once one has not come: the store is out of order, and the run shall not stand still. */
const SHORT_LIMIT_MS = 1500

/** What an observation with a Prometheus of its own is told. */
export type PrometheusObservationOptions = ObservationOptions &
  Pick<PrometheusOptions, 'launch' | 'rules' | 'port' | 'signal'>

/**
 * Observes with a Prometheus of its own in `<dir>/prometheus`, which finds the units by file_sd and evaluates the
 * rules. After each trial its series are also copied to `<dir>` as OpenMetrics, the same as the recorder writes.
 * Throws what {@link startPrometheus} throws.
 */
export async function startPrometheusObservation(options: PrometheusObservationOptions): Promise<Observation> {
  const prometheus = await startPrometheus({ ...options, dir: join(options.dir, 'prometheus') })
  const run = new RunMetrics(options.runId)
  const bridge = new Bridge()
  const server = await serveExposition((path) =>
    path === RUN_PATH ? Promise.resolve(run.render()) : bridge.read(path),
  )
  return new PrometheusObservation(options, prometheus, server, run, bridge)
}

class PrometheusObservation implements Observation {
  readonly url: string
  readonly #options: PrometheusObservationOptions
  readonly #prometheus: Prometheus
  readonly #server: ExpositionServer
  readonly #run: RunMetrics
  readonly #bridge: Bridge
  readonly #told = new Set<string>()
  #targets: readonly Target[] = []
  #launch: ObservedLaunch | null = null
  #launchedAtMs = 0
  #files = 0
  #limitMs = FINAL_READING_LIMIT_MS
  #alive = true
  #closed: Promise<ObservationPlace> | null = null

  constructor(
    options: PrometheusObservationOptions,
    prometheus: Prometheus,
    server: ExpositionServer,
    run: RunMetrics,
    bridge: Bridge,
  ) {
    this.#options = options
    this.#prometheus = prometheus
    this.#server = server
    this.#run = run
    this.#bridge = bridge
    this.url = prometheus.url.origin
    this.#writeTargets(RUN_TARGETS_FILE, [
      { url: new URL(RUN_PATH, server.url), labels: { run_id: options.runId, instance: 'forkwise' } },
    ])
    void this.#watch()
  }

  unitsChanged(launch: ObservedLaunch, units: readonly Unit[]): void {
    if (this.#closed !== null) return
    if (this.#launch === null || launchKey(this.#launch) !== launchKey(launch)) {
      this.#launch = launch
      this.#launchedAtMs = Date.now()
      this.#run.launch(launch)
    }
    if (units.length === 0) this.#run.stopping()
    this.#bridge.watch(units)
    this.#targets = targetsOf(this.#options.runId, launch, units, this.#server.url)
    this.#writeTargets(UNIT_TARGETS_FILE, this.#targets)
  }

  phase(name: string): void {
    this.#run.phase(name)
  }

  progress(progress: DriverProgress): void {
    this.#run.progress(progress)
  }

  loadEnded(record: LoadRecord): void {
    this.#run.loadEnded(record)
  }

  fault(name: string, active: boolean): void {
    this.#run.fault(name, active)
  }

  async trialEnded(launch: ObservedLaunch): Promise<StoredCounts> {
    if (!this.#alive || this.#launch === null || launchKey(this.#launch) !== launchKey(launch)) return { stored: null }
    try {
      await this.#lastReading(launch, Date.now())
      const series = await this.#prometheus.api.samples(`${this.#selector(launch)}[${this.#ageS()}s]`)
      await this.#keep(launch, series)
      return { stored: countRequests(series) }
    } catch (thrown) {
      this.#tell(`Expected Prometheus to tell what it stored, got: ${messageOf(thrown)}.`)
      return { stored: null }
    }
  }

  close(): Promise<ObservationPlace> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<ObservationPlace> {
    this.#alive = false
    await this.#prometheus.stop()
    await this.#server.close()
    return { folder: this.#options.dir, url: null }
  }

  async #watch(): Promise<void> {
    const { reason } = await this.#prometheus.ended
    this.#alive = false
    this.#tell(`${reason} The run goes on, but series are missing from here on.`)
  }

  /** Waits until every unit that is a target now has a reading from after `afterMs`. */
  async #lastReading(launch: ObservedLaunch, afterMs: number): Promise<void> {
    const names = this.#targets.map(({ labels }) => labels['worker'] ?? '')
    const expr = `timestamp(up${this.#selector(launch, UNIT_JOB)})`
    for (;;) {
      const read = await this.#prometheus.api.instant(expr)
      const fresh = new Set(read.filter(({ value }) => value * 1000 > afterMs).map(({ labels }) => labels['worker']))
      const missing = names.filter((name) => !fresh.has(name))
      if (missing.length === 0) return
      if (Date.now() - afterMs > this.#limitMs || !this.#alive) {
        this.#tell(
          `Expected Prometheus to read ${namedShort(missing)} once more within ${this.#limitMs / 1000} s, it did not. ${this.#prometheus.complaint()}`.trimEnd(),
        )
        this.#limitMs = SHORT_LIMIT_MS
        return
      }
      await sleep(LOOK_INTERVAL_MS)
    }
  }

  async #keep(launch: ObservedLaunch, series: readonly RangeSeries[]): Promise<void> {
    try {
      mkdirSync(this.#options.dir, { recursive: true })
      this.#files += 1
      const name = `${String(this.#files).padStart(4, '0')}-${launch.trial ?? launch.model}`
      const file = await SeriesFile.create(this.#options.dir, name)
      await file.append(stampSeries(series))
      await file.finish()
    } catch (thrown) {
      this.#tell(`Expected to be able to write series to ${this.#options.dir}, got: ${messageOf(thrown)}.`)
    }
  }

  #selector(launch: ObservedLaunch, job?: string): string {
    const labels = { ...identityLabels(this.#options.runId, launch), ...(job === undefined ? {} : { job }) }
    return `{${Object.entries(labels)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',')}}`
  }

  /** Seconds since the launch, rounded up, with one to spare. */
  #ageS(): number {
    return Math.ceil((Date.now() - this.#launchedAtMs) / 1000) + 1
  }

  #writeTargets(file: string, targets: readonly Target[]): void {
    try {
      writeFileSd(join(this.#prometheus.dir, 'targets', file), fileSdGroups(targets))
    } catch (thrown) {
      this.#tell(
        `Expected to be able to name the units to Prometheus in ${this.#prometheus.dir}, got: ${messageOf(thrown)}.`,
      )
    }
  }

  #tell(message: string): void {
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#options.onProblem(message)
  }
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
