import type { MetricValue } from '../../../core/exposition.ts'
import { METRICS } from '../../../core/metrics.ts'

/** The part of uWSGI's `--stats` that is used. */
interface UwsgiStats {
  readonly workers: readonly {
    readonly accepting: number
    /** `idle`, `busy`, `pause`, `cheap` (put to sleep on purpose) or `sig` and a number. */
    readonly status: string
    /** Times the worker was killed for working too long on one request. */
    readonly harakiri_count: number
    readonly cores?: readonly { readonly in_request?: number }[]
  }[]
}

/**
 * What uWSGI's stats server reports, as metrics. It does not say why a worker was replaced, unless it killed the worker
 * itself. Empty for any other text.
 */
export function uwsgiValues(json: string): MetricValue[] {
  const stats = parse(json)
  if (stats === null) return []
  const wanted = stats.workers.filter(({ status }) => status !== 'cheap')
  const ready = wanted.filter(({ accepting }) => accepting === 1).length
  const cores = stats.workers.flatMap((worker) => worker.cores ?? [])
  const killed = stats.workers.reduce((sum, worker) => sum + worker.harakiri_count, 0)
  return [
    { spec: METRICS.workersDesired, value: wanted.length },
    { spec: METRICS.workers, labels: { state: 'ready' }, value: ready },
    { spec: METRICS.workers, labels: { state: 'boot' }, value: wanted.length - ready },
    { spec: METRICS.workerRestarts, labels: { reason: 'stuck' }, value: killed },
    { spec: METRICS.activeRequests, value: cores.filter((core) => core.in_request === 1).length },
  ]
}

function parse(json: string): UwsgiStats | null {
  try {
    const stats = JSON.parse(json) as Partial<UwsgiStats> | null
    return Array.isArray(stats?.workers) ? { workers: stats.workers } : null
  } catch {
    return null
  }
}
