import { escapedValue } from '../core/plain-text.ts'
import { countedTrials, type RecordedRun, type SliceName } from './run.ts'

/**
 * The latencies of a run as an HdrHistogram log (format 1.3), readable by HistogramLogProcessor and its kin: one line
 * per trial and slice, tagged `model/workload/slice`, and one per route of a mix. Values are in µs; trials that were
 * dropped or invalid are left out.
 */
export function renderHdrLog(run: RecordedRun): string {
  const startS = Date.parse(run.manifest.createdAt) / 1000
  const lines = countedTrials(run).flatMap((trial) =>
    SLICES.flatMap((slice) => {
      const record = trial[slice]
      if (record === null) return []
      const beginS = trial.startedAtMs / 1000 - startS
      const routes = record.load.routes.length > 1 ? record.load.routes.map(({ route }) => route) : []
      return [undefined, ...routes].flatMap((route) => {
        const histogram = run.histograms(trial.id, slice, route)
        if (histogram === null) return []
        const name = [trial.model, trial.workload, slice, ...(route === undefined ? [] : [route])].map(tag).join('/')
        const maxMs = histogram.summaryMs().max ?? 0
        const figures = [beginS, record.load.countedS, maxMs].map((value) => value.toFixed(3))
        return [`Tag=${name},${figures.join(',')},${histogram.toBase64()}`]
      })
    }),
  )
  return [
    '#[Forkwise latencies: values in microseconds, Interval_Max in milliseconds]',
    '#[Histogram log format version 1.3]',
    `#[BaseTime: ${startS.toFixed(3)} (seconds since epoch)]`,
    `#[StartTime: ${startS.toFixed(3)} (seconds since epoch), ${new Date(startS * 1000).toISOString()}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...lines,
    '',
  ].join('\n')
}

const SLICES: readonly SliceName[] = ['saturation', 'latency']

/** A tag holds neither commas nor white space. */
function tag(name: string): string {
  return escapedValue(name, (plain) => plain.replaceAll(/[\s,/]+/g, '-'))
}
