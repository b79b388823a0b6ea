import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { type Prometheus, startPrometheus } from '../../loadtest/observation/prometheus.ts'
import { UNIT_TARGETS_FILE } from '../../loadtest/observation/prometheus-config.ts'
import { type FileSdGroup, writeFileSd } from '../../loadtest/observation/targets.ts'
import type { Stage } from './drill.ts'

/** How often it is looked which workers there are, in milliseconds. */
const LOOK_MS = 300

/** Longest wait for the metrics of a worker, in milliseconds. */
const RELAY_MS = 800

/** What Prometheus reads: each worker by itself, or one address behind which whichever worker answers. */
export type Scraping = 'each' | 'shared'

/** A Prometheus that watches the workers of a drill. */
export class Monitoring {
  readonly #stage: Stage
  readonly #prometheus: Prometheus
  readonly #shared: Server
  readonly #targets: string
  readonly #timer: NodeJS.Timeout
  #workers: readonly URL[] = []
  #turn = 0
  #written = ''
  scraping: Scraping = 'each'

  private constructor(stage: Stage, prometheus: Prometheus) {
    this.#stage = stage
    this.#prometheus = prometheus
    this.#targets = join(prometheus.dir, 'targets', UNIT_TARGETS_FILE)
    this.#shared = createServer((_, response) => {
      void this.#relay().then(
        (text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
        () => response.writeHead(503).end(),
      )
    }).listen(0, '127.0.0.1')
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), LOOK_MS)
    this.#timer.unref()
  }

  /** Starts it; throws PART_MISSING and START_FAILED. */
  static async start(stage: Stage): Promise<Monitoring> {
    const launch = stage.session.createLaunch('prometheus')
    const dir = join(stage.session.dir, 'prometheus')
    return new Monitoring(stage, await startPrometheus({ dir, launch, rules: null, port: 0, signal: stage.signal }))
  }

  /** Where it can be asked. */
  get url(): string {
    return this.#prometheus.url.href
  }

  /** The one number that an expression has at an instant; null where it has none, or several. Throws Prometheus' words. */
  async value(expr: string, atMs: number): Promise<number | null> {
    const series = await this.#prometheus.api.instant(expr, atMs)
    const [first] = series
    return first !== undefined && series.length === 1 && Number.isFinite(first.value) ? first.value : null
  }

  /** Throws USAGE where an expression is none. */
  async check(expr: string): Promise<void> {
    try {
      await this.#prometheus.api.instant(expr)
    } catch (thrown) {
      throw new ForkwiseError('USAGE', {
        message: `Expected an expression that Prometheus can compute, got: ${messageOf(thrown)}`,
        hint: `Try it on its page: ${this.url}`,
      })
    }
  }

  /** Ends it. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    this.#shared.close()
    this.#shared.closeAllConnections()
    await this.#prometheus.stop()
  }

  async #look(): Promise<void> {
    const units = (await this.#stage.units()).filter(({ role }) => role === 'worker')
    this.#workers = units.flatMap(({ metricsUrl }) => (metricsUrl === undefined ? [] : [new URL(metricsUrl)]))
    const groups =
      this.scraping === 'shared'
        ? [groupOf(new URL(`http://127.0.0.1:${(this.#shared.address() as AddressInfo).port}/metrics`), {})]
        : units.flatMap(({ name, metricsUrl }) =>
            metricsUrl === undefined ? [] : [groupOf(new URL(metricsUrl), { worker: name })],
          )
    const text = JSON.stringify(groups)
    if (text === this.#written) return
    this.#written = text
    writeFileSd(this.#targets, groups)
  }

  /** The metrics of one worker, each in its turn. */
  async #relay(): Promise<string> {
    const url = this.#workers[this.#turn++ % Math.max(1, this.#workers.length)]
    if (url === undefined) throw new Error('no worker')
    return (await fetch(url, { signal: AbortSignal.timeout(RELAY_MS) })).text()
  }
}

function groupOf(url: URL, labels: Readonly<Record<string, string>>): FileSdGroup {
  return { targets: [url.host], labels: { __metrics_path__: url.pathname, ...labels } }
}
