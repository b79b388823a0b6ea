import { formatBytes, formatDuration } from '../../core/quantities.ts'
import { measureReportSpeed } from '../../report/bench.ts'
import type { Bench, BenchRow } from '../bench.ts'

const GOALS = [
  { what: 'a default run', trials: 96, tookS: 1, bytes: 300_000, peakRssBytes: null },
  { what: 'a campaign', trials: 10_000, tookS: 3, bytes: 2_000_000, peakRssBytes: 500e6 },
] as const

/** How long the HTML report takes, how large it is, and the memory it needs. */
export const bench: Bench = {
  name: 'report',
  summary: 'time, size and memory of the HTML report of a default run and of a campaign of 10,000 trials',
  run({ say }) {
    const rows = GOALS.flatMap((goal): BenchRow[] => {
      say(goal.what)
      const { trials, tookS, bytes, peakRssBytes } = measureReportSpeed(goal.trials)
      const of = `report of ${goal.what}, ${trials} trials`
      const time = {
        what: `${of}: time`,
        measured: formatDuration(tookS),
        goal: `≤ ${goal.tookS} s`,
        met: tookS <= goal.tookS,
      }
      const size = {
        what: `${of}: size`,
        measured: formatBytes(bytes),
        goal: `≤ ${goal.bytes / 1000} KB`,
        met: bytes <= goal.bytes,
      }
      if (goal.peakRssBytes === null) return [time, size]
      const met = peakRssBytes <= goal.peakRssBytes
      return [time, size, { what: `${of}: memory`, measured: formatBytes(peakRssBytes), goal: '≤ 500 MB', met }]
    })
    return Promise.resolve(rows)
  },
}
