import { mkdir } from 'node:fs/promises'
import http from 'node:http'
import { messageOf } from '../../core/errors.ts'
import { type Labels, parseSample } from '../../core/exposition.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { Unit } from '../../core/unit.ts'
import type { DriverProgress } from '../driver-progress.ts'
import { BRIDGE_URL, Bridge } from './bridge.ts'
import type { Observation, ObservationOptions, ObservationPlace, ObservedLaunch, StoredCounts } from './observation.ts'
import { RunMetrics, launchKey } from './run-metrics.ts'
import { SCRAPE_INTERVAL_MS, scrape } from './scrape.ts'
import { nextSeriesName, SeriesFile, stampReading } from './series-file.ts'
import { REQUEST_COUNT_SERIES, RequestTally } from './stored-counts.ts'
import { RUN_INSTANCE, RUN_JOB, type Target, targetsOf } from './targets.ts'

/** Labels of the run's own series; its identity labels are in its text. */
const RUN_LABELS: Labels = { job: RUN_JOB, instance: RUN_INSTANCE }

/**
 * Observes without Prometheus: reads every target once a second and keeps the series as OpenMetrics in the folder, one
 * file for each launch. `forkwise observe RESULTS` loads them into a Prometheus later.
 */
export async function startRecorder(options: ObservationOptions): Promise<Observation> {
  const recorder = new Recorder(options)
  await recorder.open()
  return recorder
}

class Recorder implements Observation {
  readonly url = null
  readonly #options: ObservationOptions
  readonly #run: RunMetrics
  readonly #bridge = new Bridge()
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #reported = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #targets: readonly Target[] = []
  #launch: ObservedLaunch | null = null
  #tally = new RequestTally()
  #file: Promise<SeriesFile | null> | null = null
  #reading = false
  #tick: Promise<void> = Promise.resolve()
  #finishing: Promise<void> = Promise.resolve()
  #closed: Promise<ObservationPlace> | null = null

  constructor(options: ObservationOptions) {
    this.#options = options
    this.#run = new RunMetrics(options.runId)
  }

  async open(): Promise<void> {
    try {
      await mkdir(this.#options.dir, { recursive: true })
    } catch (thrown) {
      this.#report(`Expected to be able to write series to ${this.#options.dir}, got: ${messageOf(thrown)}.`)
    }
    this.#timer = setInterval(() => this.#readSoon(), SCRAPE_INTERVAL_MS)
    this.#timer.unref()
  }

  unitsChanged(launch: ObservedLaunch, units: readonly Unit[]): void {
    if (this.#closed !== null) return
    if (this.#launch === null || launchKey(this.#launch) !== launchKey(launch)) this.#begin(launch)
    if (units.length === 0) this.#run.stopping()
    this.#bridge.watch(units)
    this.#targets = targetsOf(this.#options.runId, launch, units, BRIDGE_URL)
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

  async launched(): Promise<void> {
    await this.#tick
    await this.#read()
  }

  async trialEnded(launch: ObservedLaunch): Promise<StoredCounts> {
    if (this.#launch === null || launchKey(this.#launch) !== launchKey(launch)) return { stored: null }
    // A reading that is under way may have begun before the last answer.
    await this.#tick
    await this.#read()
    return { stored: this.#tally.requests }
  }

  trouble(): readonly string[] {
    return []
  }

  close(): Promise<ObservationPlace> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<ObservationPlace> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#tick
    this.#finishFile()
    await this.#finishing
    this.#agent.destroy()
    return { folder: this.#options.dir, url: null }
  }

  #begin(launch: ObservedLaunch): void {
    this.#finishFile()
    this.#launch = launch
    this.#run.launch(launch)
    this.#tally = new RequestTally()
    this.#file = this.#createFile(launch).catch((thrown: unknown) => this.#lose(thrown))
  }

  async #createFile(launch: ObservedLaunch): Promise<SeriesFile> {
    await this.#finishing
    return SeriesFile.create(this.#options.dir, await nextSeriesName(this.#options.dir, launch))
  }

  #finishFile(): void {
    const file = this.#file
    if (file === null) return
    this.#file = null
    const tick = this.#tick
    this.#finishing = this.#finishing.then(() => this.#finishOne(file, tick))
  }

  async #finishOne(file: Promise<SeriesFile | null>, tick: Promise<void>): Promise<void> {
    try {
      await tick
      await (await file)?.finish()
    } catch (thrown) {
      this.#lose(thrown)
    }
  }

  /** Skips a turn while the last reading is not over. */
  #readSoon(): void {
    if (!this.#reading) void this.#read()
  }

  #read(): Promise<void> {
    this.#tick = this.#tick.then(() => this.#readOnce())
    return this.#tick
  }

  async #readOnce(): Promise<void> {
    this.#reading = true
    try {
      await this.#readAll()
    } catch (thrown) {
      this.#lose(thrown)
    } finally {
      this.#reading = false
    }
  }

  async #readAll(): Promise<void> {
    const file = await this.#file
    const tally = this.#tally
    const launched = this.#launch !== null
    await Promise.all([
      ...this.#targets.map((target) => this.#readTarget(target, file, tally)),
      ...(launched && file ? [this.#readRun(file)] : []),
    ])
  }

  async #readRun(file: SeriesFile): Promise<void> {
    const readAtMs = Date.now()
    await file.append(stampReading(await this.#run.render(), RUN_LABELS, readAtMs))
  }

  async #readTarget(target: Target, file: SeriesFile | null, tally: RequestTally): Promise<void> {
    const startedAtMs = Date.now()
    let text = ''
    let up = 0
    try {
      text = await (target.url.host === BRIDGE_URL.host
        ? this.#bridge.read(target.url.pathname)
        : this.#fetch(target.url))
      up = 1
    } catch {
      // The series `up` says so.
    }
    const tookS = (Date.now() - startedAtMs) / 1000
    const own = `# TYPE up gauge\nup ${up}\n# TYPE scrape_duration_seconds gauge\nscrape_duration_seconds ${tookS}\n`
    const reading = stampReading(`${text}\n${own}`, target.labels, startedAtMs)
    for (const line of reading.samples) if (line.startsWith(REQUEST_COUNT_SERIES)) tally.add(parseSample(line))
    await file?.append(reading)
  }

  #fetch(url: URL): Promise<string> {
    return scrape(url, this.#agent)
  }

  #lose(thrown: unknown): null {
    const hint = 'The run goes on, but series are missing from here on.'
    this.#report(`Expected to be able to write series to ${this.#options.dir}, got: ${messageOf(thrown)}. ${hint}`)
    return null
  }

  #report(message: string): void {
    if (this.#reported.has(message)) return
    this.#reported.add(message)
    this.#options.onProblem(message)
  }
}
