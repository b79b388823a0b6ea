import { METRICS } from '../../../core/metrics.ts'
import { type Alert, testSeries } from '../rule.ts'

const ID = 'run_id="r",model="worker-pool",workload="cpu",worker="worker-1"'
const SERVER = 'run_id="r",model="cluster",workload="cpu"'
const IDENTITY = { run_id: 'r', model: 'worker-pool', workload: 'cpu', worker: 'worker-1' }

/** Connections open for each worker from which on they pile up: several times what our workloads keep open. */
const MANY_CONNECTIONS = 120

/** Alerts on what waits. */
export const QUEUE_ALERTS: readonly Alert[] = [
  {
    name: 'ConnectionsPileUp',
    expr:
      `sum by (run_id, model, workload) (${METRICS.openConnections.name}{role="worker"})` +
      ` / count by (run_id, model, workload) (up{role="worker"} == 1) > ${MANY_CONNECTIONS}`,
    forS: 3,
    keepFiringForS: 5,
    severity: 'warning',
    summary: '{{ $labels.model }}: {{ $value | printf "%.0f" }} connections are open for each worker',
    runbook: {
      means:
        'Clients open connections faster than their requests are answered: more is asked of the server than it can do. Each of them waits for all that came before it, so latency grows for as long as this lasts.',
      lookAt: [
        'Requests per second against what the model was measured to do: is the load higher, or the server slower than usual?',
        'CPU of the machine and EventLoopSaturated: are the workers busy, or do they wait for something else?',
      ],
      act: [
        'Ask for less: shed early (a bounded queue answers 503 at once) rather than let everybody wait.',
        'If clients keep idle connections on purpose: nothing is wrong, and the latency shows it.',
      ],
    },
    firing: {
      why: 'three hundred connections on two workers',
      series: testSeries(
        ...[1, 2].flatMap(
          (n) =>
            [
              [`${METRICS.openConnections.name}{${SERVER},worker="worker-${n}",role="worker"}`, '8x10 150x20'],
              [`up{${SERVER},worker="worker-${n}",role="worker"}`, '1x40'],
            ] as const,
        ),
      ),
      atS: 20,
      labels: { run_id: 'r', model: 'cluster', workload: 'cpu' },
      summary: 'cluster: 150 connections are open for each worker',
    },
    quiet: {
      why: 'two hundred on two workers',
      series: testSeries(
        ...[1, 2].flatMap(
          (n) =>
            [
              [`${METRICS.openConnections.name}{${SERVER},worker="worker-${n}",role="worker"}`, '100x60'],
              [`up{${SERVER},worker="worker-${n}",role="worker"}`, '1x60'],
            ] as const,
        ),
      ),
      atS: 60,
    },
  },
  {
    name: 'PoolExhausted',
    expr: `${METRICS.poolInUse.name} / ${METRICS.poolSize.name} >= 1 and ${METRICS.poolQueueLength.name} > 0`,
    forS: 5,
    severity: 'warning',
    summary: '{{ $labels.model }}/{{ $labels.worker }}: pool {{ $labels.pool }} is full and tasks wait',
    runbook: {
      means:
        'Every thread or process of the pool has been working for five seconds while tasks wait. The pool is the bottleneck; the queue’s length divided by the pool’s rate is the wait.',
      lookAt: [
        'Length of the queue on “Pools, queues, dependency”: level means a busy pool, rising means an overloaded one.',
        'CPU of the machine: are there cores left for more threads?',
      ],
      act: [
        'With cores left: a larger pool. Without: less load, or a shorter queue so that clients learn it sooner.',
        'A pool that waits (for a database, say) and does not compute may be larger than the number of cores.',
      ],
    },
    firing: {
      why: 'four of four threads work and five tasks wait',
      series: testSeries(
        [`${METRICS.poolInUse.name}{${ID},pool="piscina"}`, '4x60'],
        [`${METRICS.poolSize.name}{${ID},pool="piscina"}`, '4x60'],
        [`${METRICS.poolQueueLength.name}{${ID},pool="piscina"}`, '5x60'],
      ),
      atS: 20,
      labels: { ...IDENTITY, pool: 'piscina' },
      summary: 'worker-pool/worker-1: pool piscina is full and tasks wait',
    },
    quiet: {
      why: 'all threads work but nothing waits',
      series: testSeries(
        [`${METRICS.poolInUse.name}{${ID},pool="piscina"}`, '4x60'],
        [`${METRICS.poolSize.name}{${ID},pool="piscina"}`, '4x60'],
        [`${METRICS.poolQueueLength.name}{${ID},pool="piscina"}`, '0x60'],
      ),
      atS: 60,
    },
  },
  {
    name: 'TaskBacklogGrowing',
    expr: `${METRICS.taskQueueOldestAge.name} > 5 and deriv(${METRICS.taskQueueLength.name}[30s]) > 0`,
    forS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}: the oldest job of {{ $labels.queue }} has waited {{ $value | humanizeDuration }}',
    runbook: {
      means:
        'Jobs arrive faster than the workers of the task queue finish them, and the oldest has waited for more than five seconds. Clients that poll for their result see that wait on top of the work.',
      lookAt: [
        'Jobs ended per second against requests per second.',
        'Whether all workers of the queue live, and how long a job takes.',
      ],
      act: [
        'More workers, if there are cores; else offer less.',
        'A backlog only shrinks when arrivals stay below the workers’ rate for a while: give it time before you measure again.',
      ],
    },
    firing: {
      why: 'ten more jobs wait every second',
      series: testSeries(
        [`${METRICS.taskQueueLength.name}{${ID},queue="jobs"}`, '0+10x60'],
        [`${METRICS.taskQueueOldestAge.name}{${ID},queue="jobs"}`, '0+0.5x60'],
      ),
      atS: 40,
      labels: { ...IDENTITY, queue: 'jobs' },
      summary: 'worker-pool: the oldest job of jobs has waited 20s',
    },
    quiet: {
      why: 'an old backlog that shrinks',
      series: testSeries(
        [`${METRICS.taskQueueLength.name}{${ID},queue="jobs"}`, '600-10x60'],
        [`${METRICS.taskQueueOldestAge.name}{${ID},queue="jobs"}`, '20x60'],
      ),
      atS: 40,
    },
  },
]
