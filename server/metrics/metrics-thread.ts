import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { ForkwiseError, messageOf, type ErrorCode, type Problem } from '../../core/errors.ts'
import { METRICS } from '../../core/metrics.ts'
import { renderExposition } from '../../core/registry.ts'
import { ThreadBoard } from '../thread-board.ts'
import { delayMaxS, heartbeatAgeS } from './heartbeat.ts'
import { readHeartbeat, STALE_S } from './heartbeat-reading.ts'
import { serveMetrics } from './metrics-server.ts'
import { processFigures } from './process-figures.ts'
import { valueOf, type SeriesPlace } from './shared-figures.ts'
import { ThreadPages } from './thread-pages.ts'

/** What the metrics thread is given when it starts. */
export interface MetricsThreadData {
  readonly host: string
  readonly port: number
  readonly unitName: string
  readonly wholeProcess?: boolean
  readonly buffer: SharedArrayBuffer
  readonly series: readonly SeriesPlace[]
}

/** What the main thread posts to it later: a new series, or the board of a pool's threads. */
export type MetricsThreadMessage = { readonly series: SeriesPlace } | { readonly board: SharedArrayBuffer }

/** A loop that has not turned for this long, in seconds, is stuck: no request may compute for longer than about 10 s. */
const STUCK_S = 15

/** What the thread answers once: where the metrics are, or why they cannot be served. */
export type MetricsThreadAnswer =
  | { readonly url: string }
  | { readonly code: ErrorCode; readonly problems: readonly Problem[] }

if (!isMainThread) {
  serve(workerData as MetricsThreadData).then(
    (url) => parentPort?.postMessage({ url } satisfies MetricsThreadAnswer),
    (error: unknown) => {
      const { code, problems } =
        error instanceof ForkwiseError ? error : new ForkwiseError('INTERNAL', { message: messageOf(error) })
      parentPort?.postMessage({ code, problems } satisfies MetricsThreadAnswer)
    },
  )
}

/** Serves the metrics of the process, which its main thread cannot do while it computes. Returns the base address. */
async function serve({
  host,
  port,
  unitName,
  wholeProcess = true,
  buffer,
  series: known,
}: MetricsThreadData): Promise<string> {
  const cells = new Float64Array(buffer)
  const series = [...known]
  let threads: ThreadPages | undefined
  parentPort?.on('message', (message: MetricsThreadMessage) => {
    if ('series' in message) series.push(message.series)
    else threads = new ThreadPages(new ThreadBoard(message.board), unitName)
  })
  const server = await serveMetrics(host, port, {
    metrics: (path) =>
      path === '/metrics' ? unitPage(cells, series, wholeProcess) : (threads?.page(path.slice(9)) ?? null),
    heartbeat: () => readHeartbeat(cells, series, wholeProcess),
    ageS: () => heartbeatAgeS(cells),
    healthy: () => {
      const ageS = heartbeatAgeS(cells)
      return ageS < STUCK_S ? { ok: true, status: 'alive' } : { ok: false, status: `stuck for ${Math.round(ageS)} s` }
    },
    ready: () => {
      const { state } = readHeartbeat(cells, series, wholeProcess)
      return { ok: state === 'ready', status: state }
    },
  })
  return server.url
}

/** All series of the unit, and of its process if that is its own. What the main thread cannot refresh while it is blocked is put right from its heartbeat. */
function unitPage(cells: Float64Array, series: readonly SeriesPlace[], wholeProcess: boolean): Promise<string> {
  const ageS = heartbeatAgeS(cells)
  const values = series.map((place) => {
    const value = valueOf(cells, place)
    return place.key === 'eventLoopUtilization' && ageS > STALE_S ? { ...value, value: 1 } : value
  })
  return renderExposition([
    ...values,
    { spec: METRICS.eventLoopDelayMax, value: delayMaxS(cells) },
    { spec: METRICS.heartbeatAge, value: ageS },
    ...(wholeProcess ? processFigures() : []),
  ])
}
