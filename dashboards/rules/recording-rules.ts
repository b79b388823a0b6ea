import { METRICS, type MetricKey } from '../../core/metrics.ts'
import type { RecordingRule } from './rule.ts'

/** Window of all recorded rates: long enough for one-second readings, short enough for trials of some seconds. */
export const WINDOW = '10s'

/** What makes series of one launch's units one figure. */
const BY_MODEL = 'by (run_id, model, workload)'
const BY_WORKER = 'by (run_id, model, workload, worker)'

/** Threads share the figures of their process, and the dependency is no part of the server. */
const SERVER_PROCESSES = 'role!~"thread|dependency"'

/** The recorded series that alerts and panels use, by a short key. */
export const RECORDED: Readonly<Record<RecordedKey, RecordingRule>> = {
  requestRate: {
    record: 'model:http_server_requests:rate10s',
    expr: `sum ${BY_MODEL} (rate(${name('requestDuration')}_count[${WINDOW}]))`,
    help: 'Requests per second that a server answered.',
  },
  workerRequestRate: {
    record: 'worker:http_server_requests:rate10s',
    expr: `sum ${BY_WORKER} (rate(${name('requestDuration')}_count[${WINDOW}]))`,
    help: 'Requests per second that each worker answered.',
  },
  errorRatio: {
    record: 'model:http_server_errors:ratio_rate10s',
    expr:
      `(sum ${BY_MODEL} (rate(${name('requestDuration')}_count{http_response_status_code=~"5.."}[${WINDOW}]))` +
      ` or 0 * model:http_server_requests:rate10s) / (model:http_server_requests:rate10s > 0)`,
    help: 'Share of answers with a 5xx status; none while a server is idle.',
  },
  latencyP50: {
    record: 'model:http_server_request_duration_seconds:p50_rate10s',
    expr: quantile(0.5, 'requestDuration', 'model:http_server_requests:rate10s'),
    help: 'Median time of an answer, as exact as the histogram’s buckets.',
  },
  latencyP99: {
    record: 'model:http_server_request_duration_seconds:p99_rate10s',
    expr: quantile(0.99, 'requestDuration', 'model:http_server_requests:rate10s'),
    help: '99th percentile of the time of an answer, as exact as the histogram’s buckets.',
  },
  workerImbalance: {
    record: 'model:http_server_worker_imbalance:ratio_rate10s',
    expr:
      `max ${BY_MODEL} (worker:http_server_requests:rate10s) / ` +
      `((model:http_server_requests:rate10s > 0) / count ${BY_MODEL} (up{role="worker"} == 1))`,
    help: 'Rate of the busiest worker divided by the mean over all workers that are up, idle ones included.',
  },
  cpuCores: {
    record: 'model:process_cpu_cores:rate10s',
    expr: `sum ${BY_MODEL} (rate(${name('processCpu')}{${SERVER_PROCESSES}}[${WINDOW}]))`,
    help: 'CPU of all processes of a server, in cores.',
  },
  cpuPerRequest: {
    record: 'model:process_cpu_seconds_per_request:rate10s',
    expr: 'model:process_cpu_cores:rate10s / (model:http_server_requests:rate10s > 0)',
    help: 'CPU time of all processes of a server for each answer.',
  },
  memory: {
    record: 'model:process_resident_memory_bytes:sum',
    expr: `sum ${BY_MODEL} (${name('residentMemory')}{${SERVER_PROCESSES}})`,
    help: 'Resident memory of all processes of a server; pages they share are counted once for each.',
  },
  shedRatio: {
    record: 'model:http_server_shed_requests:ratio_rate10s',
    expr: `sum ${BY_MODEL} (rate(${name('shedRequests')}[${WINDOW}])) / (model:http_server_requests:rate10s > 0)`,
    help: 'Share of requests that were answered with 503 to protect the rest.',
  },
  clientRate: {
    record: 'model:loadgen_requests:rate10s',
    expr: `sum ${BY_MODEL} (rate(${name('loadRequests')}[${WINDOW}]))`,
    help: 'Requests per second that the generator saw end, whatever their outcome.',
  },
  clientLatencyP99: {
    record: 'model:loadgen_request_duration_seconds:p99_rate10s',
    expr: quantile(0.99, 'loadDuration', 'model:loadgen_requests:rate10s'),
    help: '99th percentile of the latency that the generator saw, as exact as the histogram’s buckets.',
  },
}

/** Key of a recorded series. */
export type RecordedKey =
  | 'requestRate'
  | 'workerRequestRate'
  | 'errorRatio'
  | 'latencyP50'
  | 'latencyP99'
  | 'workerImbalance'
  | 'cpuCores'
  | 'cpuPerRequest'
  | 'memory'
  | 'shedRatio'
  | 'clientRate'
  | 'clientLatencyP99'

function name(key: MetricKey): string {
  return METRICS[key].name
}

/** A quantile of a histogram, absent (instead of NaN) while there is no traffic. */
function quantile(q: number, key: MetricKey, rate: string): string {
  const buckets = `sum by (run_id, model, workload, le) (rate(${name(key)}_bucket[${WINDOW}]))`
  return `histogram_quantile(${q}, ${buckets}) and ${rate} > 0`
}
