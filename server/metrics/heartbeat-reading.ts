import type { HeartbeatReading } from '../../core/heartbeat.ts'
import type { MetricKey } from '../../core/metrics.ts'
import { heartbeatAgeS, turnedAtS } from './heartbeat.ts'
import { type SeriesPlace, valueOf } from './shared-figures.ts'

/** An event loop that has not turned for this long, in seconds, cannot have refreshed its own utilisation. */
export const STALE_S = 1

/** Reads what a unit says of itself from the shared memory; `wholeProcess` as in the instrument's options. */
export function readHeartbeat(
  cells: Float64Array,
  series: readonly SeriesPlace[],
  wholeProcess: boolean,
): HeartbeatReading {
  const ageS = heartbeatAgeS(cells)
  const gauge = (key: MetricKey): number | null => {
    const place = series.find((each) => each.key === key)
    return place === undefined ? null : (cells[place.at] ?? 0)
  }
  const { user, system } = process.cpuUsage()
  return {
    state: series.find(({ key, at }) => key === 'workerUp' && cells[at] === 1)?.labels['state'] ?? 'unknown',
    turnedAtS: turnedAtS(cells),
    ageS,
    cpuS: wholeProcess ? (user + system) / 1e6 : null,
    rssBytes: wholeProcess ? process.memoryUsage.rss() : null,
    utilization: ageS > STALE_S ? 1 : (gauge('eventLoopUtilization') ?? 0),
    requests: gauge('activeRequests') === null ? null : answered(cells, series),
    active: gauge('activeRequests'),
    connections: gauge('openConnections'),
  }
}

function answered(cells: Float64Array, series: readonly SeriesPlace[]): number {
  let sum = 0
  for (const place of series) {
    if (place.key !== 'requestDuration') continue
    const value = valueOf(cells, place)
    if ('counts' in value) for (const count of value.counts) sum += count
  }
  return sum
}
