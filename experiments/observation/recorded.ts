import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { untilAborted } from '../../core/abort.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { startPrometheus } from '../../loadtest/observation/prometheus.ts'
import { PrometheusApi } from '../../loadtest/observation/prometheus-api.ts'
import { loadRecordedSeries, RECORDED_LOOKBACK_S, type RecordedSpan } from '../../loadtest/observation/recorded-run.ts'
import type { Emit } from '../events.ts'
import { type Run, startRun } from '../run.ts'
import { withSession } from '../world.ts'
import { writePanelsPage } from './panels-page.ts'

/**
 * Loads the recorded series of a run into a private Prometheus (port 0 = any free one), which runs until the signal
 * aborts. Rejects with PART_MISSING, RESULT_INVALID when the folder holds no series, FOLDER_UNWRITABLE, PORT_TAKEN, or
 * START_FAILED when Prometheus ends by itself.
 */
export function observeRecorded(dir: string, port: number, signal: AbortSignal): Run<RecordedSpan> {
  return startRun((emit) => serveRecorded(resolve(dir), port, signal, emit))
}

/** True for a path, or the name of a folder that holds a run: a folder may have the name of a model. */
export function isRecordedRun(place: string): boolean {
  if (/[./\\]/.test(place)) return true
  return isFolder(place) && (existsSync(join(place, 'manifest.json')) || isFolder(join(place, 'series')))
}

async function serveRecorded(dir: string, port: number, signal: AbortSignal, emit: Emit): Promise<RecordedSpan> {
  emit({ type: 'run-started', experiment: 'observe', id: dir, dir, steps: null, expectedS: null })
  return withSession(emit, async (session) => {
    const launch = session.createLaunch('prometheus')
    const folder = join(launch.dir, 'prometheus')
    const series = isFolder(join(dir, 'series')) ? join(dir, 'series') : dir
    const span = await loadRecordedSeries(series, join(folder, 'data'))
    const prometheus = await startPrometheus({
      dir: folder,
      launch,
      rules: null,
      port,
      signal,
      lookbackS: RECORDED_LOOKBACK_S,
    })
    const graph = await new PrometheusApi(prometheus.url).pageOf('graph')
    emit({
      type: 'series-loaded',
      prometheus: prometheus.url.origin,
      panels: writePanelsPage(session.dir, graph, span),
      ...span,
    })
    const reason = await Promise.race([prometheus.ended.then((end) => end.reason), untilAborted(signal)])
    await prometheus.stop()
    if (reason !== null) throw new ForkwiseError('START_FAILED', { message: reason })
    return span
  })
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
