/** How a metric is exposed. */
export type MetricKind = 'counter' | 'gauge' | 'histogram'

/** One metric: everything that servers, rules, dashboards, reports and docs need to know about it. */
export interface MetricSpec {
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
  /** Base unit: `seconds`, `bytes`, `ratio`, or `1` for counts. */
  readonly unit: 'seconds' | 'bytes' | 'ratio' | '1'
  readonly labels: readonly string[]
  /** How values of several units of one server combine. */
  readonly acrossUnits: 'sum' | 'max' | 'mean' | 'merge' | 'each'
  /** How values of one unit combine over a slice. */
  readonly overTime: 'delta' | 'mean' | 'max' | 'last' | 'merge'
  /** Upper bounds of a histogram's buckets, without +Inf. */
  readonly buckets?: readonly number[]
  /** Who exposes it. */
  readonly source:
    | 'server'
    | 'supervisor'
    | 'pool'
    | 'queue'
    | 'process'
    | 'runtime'
    | 'dependency'
    | 'generator'
    | 'lab'
}

/** Buckets for HTTP durations in seconds, after OpenTelemetry's advice, with two finer ones below 5 ms. */
export const DURATION_BUCKETS_S: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const BUCKETS_US = DURATION_BUCKETS_S.map((bound) => bound * 1e6)

/** Place of a duration in µs among the bounds of {@link DURATION_BUCKETS_S}; their number for one above the last. */
export function bucketOf(us: number): number {
  let place = 0
  while (place < BUCKETS_US.length && us > (BUCKETS_US[place] ?? 0)) place++
  return place
}

/**
 * Counts of durations in the buckets of {@link DURATION_BUCKETS_S} (not cumulative), and one more for those above the
 * last, from durations in µs with their counts; `sumS` is the sum of all in seconds.
 */
export function bucketCounts(durations: Iterable<readonly [us: number, count: number]>): {
  counts: number[]
  sumS: number
} {
  const counts = DURATION_BUCKETS_S.map(() => 0).concat(0)
  let sumS = 0
  for (const [us, count] of durations) {
    const at = bucketOf(us)
    counts[at] = (counts[at] ?? 0) + count
    sumS += (us * count) / 1e6
  }
  return { counts, sumS }
}

const HTTP_LABELS = ['http_request_method', 'http_route', 'http_response_status_code'] as const

/** The one catalogue of metrics. {@link IDENTITY_LABELS} come from service discovery alone. */
export const METRICS: Readonly<Record<MetricKey, MetricSpec>> = {
  requestDuration: spec(
    'http_server_request_duration_seconds',
    'histogram',
    'Time from the request head to the end of the answer.',
    'seconds',
    HTTP_LABELS,
    'merge',
    'merge',
    'server',
    DURATION_BUCKETS_S,
  ),
  activeRequests: spec(
    'http_server_active_requests',
    'gauge',
    'Requests being answered now.',
    '1',
    [],
    'sum',
    'mean',
    'server',
  ),
  openConnections: spec(
    'http_server_open_connections',
    'gauge',
    'Connections open now.',
    '1',
    [],
    'sum',
    'mean',
    'server',
  ),
  connections: spec(
    'http_server_connections_total',
    'counter',
    'Connections accepted.',
    '1',
    [],
    'sum',
    'delta',
    'server',
  ),
  abortedRequests: spec(
    'http_server_aborted_requests_total',
    'counter',
    'Requests that the client left before the answer was complete.',
    '1',
    [],
    'sum',
    'delta',
    'server',
  ),
  shedRequests: spec(
    'http_server_shed_requests_total',
    'counter',
    'Requests answered with 503 to protect the rest.',
    '1',
    ['reason'],
    'sum',
    'delta',
    'server',
  ),
  proxyAnswers: spec(
    'http_proxy_own_answers_total',
    'counter',
    'Requests the proxy answered itself instead of passing them on: static files.',
    '1',
    [],
    'sum',
    'delta',
    'server',
  ),
  queueWait: spec(
    'http_server_queue_wait_seconds',
    'histogram',
    'Time a request waited for an executor before its work began.',
    'seconds',
    [],
    'merge',
    'merge',
    'server',
    DURATION_BUCKETS_S,
  ),
  eventLoopUtilization: spec(
    'nodejs_eventloop_utilization_ratio',
    'gauge',
    'Share of the last second in which the event loop was not idle.',
    'ratio',
    [],
    'each',
    'mean',
    'runtime',
  ),
  eventLoopDelayMax: spec(
    'nodejs_eventloop_delay_max_seconds',
    'gauge',
    'Longest time the event loop was late by in the last seconds, a block still going on included.',
    'seconds',
    [],
    'max',
    'max',
    'runtime',
  ),
  heartbeatAge: spec(
    'nodejs_eventloop_heartbeat_age_seconds',
    'gauge',
    'Time since the event loop last turned.',
    'seconds',
    [],
    'max',
    'max',
    'runtime',
  ),
  gcDuration: spec(
    'nodejs_gc_duration_seconds',
    'histogram',
    'Garbage collection pauses.',
    'seconds',
    ['kind'],
    'merge',
    'merge',
    'runtime',
    [0.001, 0.01, 0.1, 1, 2, 5],
  ),
  heapUsed: spec('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.', 'bytes', [], 'sum', 'mean', 'runtime'),
  heapTotal: spec('nodejs_heap_size_total_bytes', 'gauge', 'Heap reserved.', 'bytes', [], 'sum', 'mean', 'runtime'),
  processCpu: spec(
    'process_cpu_seconds_total',
    'counter',
    'User and system CPU time of the process.',
    'seconds',
    [],
    'sum',
    'delta',
    'process',
  ),
  residentMemory: spec(
    'process_resident_memory_bytes',
    'gauge',
    'Resident memory of the process.',
    'bytes',
    [],
    'sum',
    'mean',
    'process',
  ),
  openFds: spec('process_open_fds', 'gauge', 'Open file descriptors.', '1', [], 'sum', 'max', 'process'),
  maxFds: spec(
    'process_max_fds',
    'gauge',
    'Most file descriptors the process may open.',
    '1',
    [],
    'each',
    'last',
    'process',
  ),
  processStart: spec(
    'process_start_time_seconds',
    'gauge',
    'Start of the process, seconds since the epoch.',
    'seconds',
    [],
    'each',
    'last',
    'process',
  ),
  workerUp: spec(
    'server_worker_up',
    'gauge',
    'One for the state the unit is in, else zero.',
    '1',
    ['state'],
    'each',
    'last',
    'supervisor',
  ),
  workers: spec(
    'server_workers',
    'gauge',
    'Workers the supervisor has, by state.',
    '1',
    ['state'],
    'sum',
    'last',
    'supervisor',
  ),
  workersDesired: spec(
    'server_workers_desired',
    'gauge',
    'Workers the supervisor wants to have.',
    '1',
    [],
    'sum',
    'last',
    'supervisor',
  ),
  workerRestarts: spec(
    'server_worker_restarts_total',
    'counter',
    'Workers started to replace another, by reason.',
    '1',
    ['reason'],
    'sum',
    'delta',
    'supervisor',
  ),
  workerExits: spec(
    'server_worker_exits_total',
    'counter',
    'Workers that ended, by reason.',
    '1',
    ['reason'],
    'sum',
    'delta',
    'supervisor',
  ),
  poolSize: spec('pool_size', 'gauge', 'Threads or processes of the pool.', '1', ['pool'], 'sum', 'last', 'pool'),
  poolInUse: spec(
    'pool_in_use',
    'gauge',
    'Threads or processes of the pool that are working.',
    '1',
    ['pool'],
    'sum',
    'mean',
    'pool',
  ),
  poolQueueLength: spec(
    'pool_queue_length',
    'gauge',
    'Tasks waiting for the pool.',
    '1',
    ['pool'],
    'sum',
    'mean',
    'pool',
  ),
  poolWait: spec(
    'pool_wait_seconds_total',
    'counter',
    'Time tasks have waited for the pool, summed.',
    'seconds',
    ['pool'],
    'sum',
    'delta',
    'pool',
  ),
  poolTasks: spec('pool_tasks_total', 'counter', 'Tasks the pool has finished.', '1', ['pool'], 'sum', 'delta', 'pool'),
  poolMemberTasks: spec(
    'pool_member_tasks_total',
    'counter',
    'Tasks that this one thread or process of a pool has finished.',
    '1',
    [],
    'sum',
    'delta',
    'pool',
  ),
  poolMemberBusy: spec(
    'pool_member_busy_seconds_total',
    'counter',
    'Time for which this one thread or process of a pool has worked, a task under way included.',
    'seconds',
    [],
    'sum',
    'delta',
    'pool',
  ),
  poolTimeouts: spec(
    'pool_timeouts_total',
    'counter',
    'Tasks given up before they were done, since nobody waits for their answer any more.',
    '1',
    ['pool'],
    'sum',
    'delta',
    'pool',
  ),
  taskQueueLength: spec(
    'task_queue_length',
    'gauge',
    'Jobs waiting in the task queue.',
    '1',
    ['queue'],
    'max',
    'mean',
    'queue',
  ),
  taskQueueOldestAge: spec(
    'task_queue_oldest_age_seconds',
    'gauge',
    'Age of the oldest job that waits.',
    'seconds',
    ['queue'],
    'max',
    'max',
    'queue',
  ),
  taskDuration: spec(
    'task_duration_seconds',
    'histogram',
    'Time a job worked.',
    'seconds',
    ['queue'],
    'merge',
    'merge',
    'queue',
    DURATION_BUCKETS_S,
  ),
  tasks: spec('tasks_total', 'counter', 'Jobs ended, by outcome.', '1', ['queue', 'outcome'], 'sum', 'delta', 'queue'),
  dependencyDuration: spec(
    'dependency_request_duration_seconds',
    'histogram',
    'Time of calls to the dependency.',
    'seconds',
    [],
    'merge',
    'merge',
    'dependency',
    DURATION_BUCKETS_S,
  ),
  offeredRate: spec(
    'loadgen_offered_rate',
    'gauge',
    'Requests per second that the generator was set to send.',
    '1',
    [],
    'sum',
    'mean',
    'generator',
  ),
  loadRequests: spec(
    'loadgen_requests_total',
    'counter',
    'Requests of the generator, by outcome.',
    '1',
    ['outcome'],
    'sum',
    'delta',
    'generator',
  ),
  loadDuration: spec(
    'loadgen_request_duration_seconds',
    'histogram',
    'Latency the generator saw.',
    'seconds',
    [],
    'merge',
    'merge',
    'generator',
    DURATION_BUCKETS_S,
  ),
  loadCpu: spec(
    'loadgen_cpu_utilization_ratio',
    'gauge',
    'Busy share of the generator’s event loop.',
    'ratio',
    [],
    'max',
    'mean',
    'generator',
  ),
  loadLateness: spec(
    'loadgen_lateness_seconds',
    'gauge',
    'How late the generator sent, 99th percentile of the last second.',
    'seconds',
    [],
    'max',
    'max',
    'generator',
  ),
  loadPhase: spec(
    'loadgen_phase_info',
    'gauge',
    'One for the phase the run is in.',
    '1',
    ['phase'],
    'each',
    'last',
    'generator',
  ),
  faultActive: spec(
    'lab_fault_active',
    'gauge',
    'One while a fault that was injected lasts.',
    '1',
    ['fault'],
    'each',
    'last',
    'lab',
  ),
}

/**
 * Values of the labels that have a fixed set of them, by metric. A value outside of the set is a fault: rules, colours
 * and the documentation know these alone.
 */
export const LABEL_VALUES: Readonly<Partial<Record<MetricKey, Readonly<Record<string, readonly string[]>>>>> = {
  shedRequests: { reason: ['queue-full', 'timeout', 'draining'] },
  workerUp: { state: ['starting', 'ready', 'draining'] },
  workers: { state: ['boot', 'ready', 'draining', 'dying'] },
  workerRestarts: { reason: ['crash', 'boot', 'boot-timeout', 'stuck', 'recycled', 'reload'] },
  workerExits: { reason: ['crash', 'boot', 'boot-timeout', 'stuck', 'drain-timeout', 'scaled-down', 'drained'] },
  gcDuration: { kind: ['minor', 'major', 'incremental', 'weakcb'] },
  tasks: { outcome: ['ok', 'failed', 'timeout'] },
  loadRequests: { outcome: ['ok', 'non2xx', 'timeout', 'connection-error', 'uncounted'] },
}

/** Labels that service discovery gives to every series of a unit; no metric has them itself. */
export const IDENTITY_LABELS: readonly string[] = ['run_id', 'model', 'workload', 'trial', 'worker', 'role']

/** Key of a metric in the catalogue. */
export type MetricKey =
  | 'requestDuration'
  | 'activeRequests'
  | 'openConnections'
  | 'connections'
  | 'abortedRequests'
  | 'shedRequests'
  | 'proxyAnswers'
  | 'queueWait'
  | 'eventLoopUtilization'
  | 'eventLoopDelayMax'
  | 'heartbeatAge'
  | 'gcDuration'
  | 'heapUsed'
  | 'heapTotal'
  | 'processCpu'
  | 'residentMemory'
  | 'openFds'
  | 'maxFds'
  | 'processStart'
  | 'workerUp'
  | 'workers'
  | 'workersDesired'
  | 'workerRestarts'
  | 'workerExits'
  | 'poolSize'
  | 'poolInUse'
  | 'poolQueueLength'
  | 'poolWait'
  | 'poolTasks'
  | 'poolMemberTasks'
  | 'poolMemberBusy'
  | 'poolTimeouts'
  | 'taskQueueLength'
  | 'taskQueueOldestAge'
  | 'taskDuration'
  | 'tasks'
  | 'dependencyDuration'
  | 'offeredRate'
  | 'loadRequests'
  | 'loadDuration'
  | 'loadCpu'
  | 'loadLateness'
  | 'loadPhase'
  | 'faultActive'

function spec(
  name: string,
  kind: MetricKind,
  help: string,
  unit: MetricSpec['unit'],
  labels: readonly string[],
  acrossUnits: MetricSpec['acrossUnits'],
  overTime: MetricSpec['overTime'],
  source: MetricSpec['source'],
  buckets?: readonly number[],
): MetricSpec {
  const base = { name, kind, help, unit, labels, acrossUnits, overTime, source }
  return buckets === undefined ? base : { ...base, buckets }
}
