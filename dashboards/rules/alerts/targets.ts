import { METRICS } from '../../../core/metrics.ts'
import { type Alert, testSeries } from '../rule.ts'

const ID = 'run_id="r",model="cluster",workload="cpu"'
const IDENTITY = { run_id: 'r', model: 'cluster', workload: 'cpu' }
const TARGET = `job="forkwise",instance="a",${ID},worker="worker-2",role="worker"`
const TARGET_LABELS = { ...IDENTITY, job: 'forkwise', instance: 'a', worker: 'worker-2', role: 'worker' }

const UP = 'up{job=~"forkwise.*"}'

/**
 * Prometheus takes up to 5 s to notice that a target is gone on purpose, and half a second passes until a replaced worker
 * is named: what is missing for less is no alert, and not a pending one either.
 */
const LONG_DOWN = `${UP} == 0 and sum_over_time(${UP}[8s]) == 0 and count_over_time(${UP}[8s]) > 6`

/** A reading that ran into its timeout took this many seconds at least; one that is refused takes milliseconds. */
const TIMED_OUT_S = 0.8

/** Alerts on units that give no readings. */
export const TARGET_ALERTS: readonly Alert[] = [
  {
    name: 'MetricsTargetDown',
    // Units of a launch that is over, as the run's own phase shows, are left out.
    expr:
      `${LONG_DOWN} and on (run_id, model, trial) ${METRICS.loadPhase.name}{phase!="stopping"}` +
      ` or ${LONG_DOWN} unless on (run_id) ${METRICS.loadPhase.name}`,
    forS: 0,
    severity: 'page',
    summary: '{{ $labels.model }}/{{ $labels.worker }} gives no metrics',
    runbook: {
      means:
        'A unit has not answered its readings for eight seconds, and nothing has taken its place. Metrics are served by a thread of their own, so a blocked event loop does not cause it: the process is gone, or stopped for long.',
      lookAt: [
        'Restarts and exits on “Workers”: did it end, and why?',
        'ProcessFrozen: it fires as well when the process is there and does not answer.',
      ],
      act: [
        'If it ended: read the launch’s log for the last lines of that unit.',
        'If nobody started another one: the model has no supervisor; in production that is left to whoever runs the process.',
      ],
    },
    firing: {
      why: 'a worker of the launch that is under way stops answering for good',
      series: testSeries(
        [`up{${TARGET}}`, '1x10 0x30'],
        [`${METRICS.loadPhase.name}{job="forkwise-run",${ID},phase="saturation"}`, '1x40'],
      ),
      atS: 20,
      labels: TARGET_LABELS,
      summary: 'cluster/worker-2 gives no metrics',
    },
    quiet: {
      why: 'a worker is gone for as long as Prometheus takes to notice, a launch is over, and a target of somebody else is down',
      series: testSeries(
        [`up{job="forkwise",instance="c",run_id="r",model="single",trial="t1",worker="worker-1"}`, '0x60'],
        [`${METRICS.loadPhase.name}{job="forkwise-run",run_id="r",model="single",trial="t1",phase="stopping"}`, '1x60'],
        [`up{job="forkwise",instance="d",run_id="r",model="single",trial="t0",worker="worker-1"}`, '0x60'],
        [`up{${TARGET}}`, '1x5 0 1x5 0x6 stale'],
        [`${METRICS.loadPhase.name}{job="forkwise-run",${ID},phase="saturation"}`, '1x60'],
        ['up{job="node",instance="b"}', '0x60'],
      ),
      atS: 25,
    },
  },
  {
    name: 'ProcessFrozen',
    expr: `${UP} == 0 and scrape_duration_seconds > ${TIMED_OUT_S}`,
    forS: 2,
    keepFiringForS: 5,
    severity: 'page',
    summary: '{{ $labels.model }}/{{ $labels.worker }} is there and does not answer',
    runbook: {
      means:
        'The process accepts connections, as the kernel does it for whoever listens, but has answered none of its last readings in time. Not even the thread that serves metrics runs: the process is stopped (SIGSTOP, a debugger, a frozen cgroup), it swaps, or it gets no CPU at all.',
      lookAt: [
        'State of the process: `ps -o pid,stat,wchan -p PID`; T is stopped, D waits for a disk.',
        'CPU of the machine: with far more runnable threads than cores even a thread that does nothing else may come late.',
      ],
      act: [
        'If it is stopped: `kill -CONT PID`. Its clients have waited since it stopped, and some have given up.',
        'If the machine is full: fewer workers, or cores of their own for the generator.',
        'A supervisor with heartbeats (`FORKWISE_HEARTBEAT_TIMEOUT_S`) kills and replaces it.',
      ],
    },
    firing: {
      why: 'a stopped worker lets its readings time out',
      series: testSeries(
        [`up{${TARGET}}`, '1x10 0x5 1x20'],
        [`scrape_duration_seconds{${TARGET}}`, '0.01x10 0.9x5 0.01x20'],
      ),
      atS: 15,
      labels: TARGET_LABELS,
      summary: 'cluster/worker-2 is there and does not answer',
    },
    quiet: {
      why: 'two readings time out in a row, and a dead process refuses them',
      series: testSeries(
        [`up{${TARGET}}`, '1x10 0x1 1x10 0x20'],
        [`scrape_duration_seconds{${TARGET}}`, '0.01x10 0.9x1 0.01x10 0.001x20'],
      ),
      atS: 40,
    },
  },
]
