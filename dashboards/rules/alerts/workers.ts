import { METRICS } from '../../../core/metrics.ts'
import { type Alert, testSeries } from '../rule.ts'

const ID = 'run_id="r",model="cluster",workload="cpu"'
const IDENTITY = { run_id: 'r', model: 'cluster', workload: 'cpu' }

const BY_SERVER = 'by (run_id, model, workload)'

/** Alerts on the processes that do the work. */
export const WORKER_ALERTS: readonly Alert[] = [
  {
    name: 'WorkersMissing',
    expr:
      `sum by (run_id, model, workload) (${METRICS.workers.name}{state="ready"})` +
      ` < on (run_id, model, workload) sum by (run_id, model, workload) (${METRICS.workersDesired.name})`,
    forS: 5,
    severity: 'warning',
    summary: '{{ $labels.model }}: only {{ $value }} workers are ready',
    runbook: {
      means:
        'The supervisor has had fewer ready workers than it wants for five seconds. Capacity is lower than planned, and the remaining workers carry more.',
      lookAt: [
        'Workers by state on “Workers”: `boot` comes back by itself, a state that stays does not.',
        'Restarts and exits by reason.',
      ],
      act: [
        'During a reload or after a killed worker: wait; a start takes a second or two.',
        'If it stays: the supervisor has given up on restarts or cannot start one; read its log.',
      ],
    },
    firing: {
      why: 'three of four workers are ready from the tenth second on',
      series: testSeries(
        [`${METRICS.workers.name}{${ID},worker="primary",state="ready"}`, '4x10 3x40'],
        [`${METRICS.workers.name}{${ID},worker="primary",state="boot"}`, '0x10 1x40'],
        [`${METRICS.workersDesired.name}{${ID},worker="primary"}`, '4x60'],
      ),
      atS: 30,
      labels: IDENTITY,
      summary: 'cluster: only 3 workers are ready',
    },
    quiet: {
      why: 'a worker is replaced within three seconds',
      series: testSeries(
        [`${METRICS.workers.name}{${ID},worker="primary",state="ready"}`, '4x10 3x3 4x40'],
        [`${METRICS.workersDesired.name}{${ID},worker="primary"}`, '4x60'],
      ),
      atS: 16,
    },
  },
  {
    name: 'WorkersLeaveTogether',
    expr:
      `min_over_time(sum ${BY_SERVER} (${METRICS.workers.name}{state="ready"})[20s:1s])` +
      ` < on (run_id, model, workload) sum ${BY_SERVER} (${METRICS.workersDesired.name}) - 1` +
      ` and on (run_id, model, workload) sum ${BY_SERVER} (increase(${METRICS.workerRestarts.name}{reason="recycled"}[20s])) > 1`,
    forS: 0,
    keepFiringForS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}: workers are replaced together, and only {{ $value }} were left',
    runbook: {
      means:
        'Workers that have answered their number of requests were replaced, and more than one was missing at the same time within the last twenty seconds. Clients wait for as long as a worker takes to start, all of them at the same moment.',
      lookAt: [
        'Workers by state on “Workers”: do they go up and down in step? Restarts by reason.',
        'Memory of the workers: saw teeth that are in phase.',
      ],
      act: [
        'Replace one at a time (`FORKWISE_REPLACED_AT_ONCE=1`), each once its successor is ready (`FORKWISE_LEAVES_FIRST=0`): what our supervisor does unless told otherwise.',
        'Draw the number of requests (`FORKWISE_MAX_REQUESTS_JITTER`), so that workers that started together do not end together.',
        'Find the leak for which they are replaced (MemoryGrowth).',
      ],
    },
    firing: {
      why: 'four workers leave together every ten seconds, and are back two seconds later',
      series: testSeries(
        [`${METRICS.workers.name}{${ID},worker="primary",state="ready"}`, '4x10 0x1 4x7 0x1 4x7 0x1 4x40'],
        [`${METRICS.workersDesired.name}{${ID},worker="primary"}`, '4x90'],
        [`${METRICS.workerRestarts.name}{${ID},worker="primary",reason="recycled"}`, '0x10 4x8 8x8 12x60'],
      ),
      atS: 25,
      labels: IDENTITY,
      summary: 'cluster: workers are replaced together, and only 0 were left',
    },
    quiet: {
      why: 'one is replaced after the other, and two crash at the same time',
      series: testSeries(
        [`${METRICS.workers.name}{${ID},worker="primary",state="ready"}`, '4x10 3x1 4x3 3x1 4x60'],
        [`${METRICS.workersDesired.name}{${ID},worker="primary"}`, '4x90'],
        [`${METRICS.workerRestarts.name}{${ID},worker="primary",reason="recycled"}`, '0x10 1x4 2x70'],
        [
          `${METRICS.workers.name}{run_id="r",model="crashed",workload="cpu",worker="primary",state="ready"}`,
          '4x10 2x2 4x60',
        ],
        [`${METRICS.workersDesired.name}{run_id="r",model="crashed",workload="cpu",worker="primary"}`, '4x90'],
      ),
      atS: 25,
    },
  },
  {
    name: 'WorkerCrashLoop',
    expr:
      'sum by (run_id, model, workload) ' +
      `(increase(${METRICS.workerRestarts.name}{reason!~"recycled|reload"}[60s])) > 3`,
    forS: 0,
    keepFiringForS: 10,
    severity: 'page',
    summary: '{{ $labels.model }}: {{ $value | printf "%.0f" }} unplanned restarts within a minute',
    runbook: {
      means:
        'Workers end and are replaced again and again. Each restart costs a second of one worker and everything it was working on; planned ones (recycled workers, and reloads) are not counted.',
      lookAt: [
        'Exits by reason on “Workers”: `crash` ended by itself or was killed from outside, `boot` did not get to start, `stuck` was killed for not answering.',
        'Memory of the workers before they ended, and the kernel’s log for the out-of-memory killer.',
      ],
      act: [
        'Read the last lines of the worker’s log: an exception nobody caught is the usual cause.',
        'For `stuck`: find the handler that blocks (EventLoopBlocked), or give it more time.',
        'Numbers of a server that restarts all the time are worth nothing: mend it first.',
      ],
    },
    firing: {
      why: 'a worker crashes every second',
      series: testSeries([`${METRICS.workerRestarts.name}{${ID},worker="primary",reason="crash"}`, '0x10 0+1x40']),
      atS: 60,
      labels: IDENTITY,
      summary: 'cluster: 40 unplanned restarts within a minute',
    },
    quiet: {
      why: 'two crashes in a minute, and as many planned restarts as you like',
      series: testSeries(
        [`${METRICS.workerRestarts.name}{${ID},worker="primary",reason="crash"}`, '0x10 1x20 2x30'],
        [`${METRICS.workerRestarts.name}{${ID},worker="primary",reason="recycled"}`, '0+1x60'],
      ),
      atS: 60,
    },
  },
]
