import { METRICS } from '../../../core/metrics.ts'
import { type Alert, testSeries } from '../rule.ts'

const ID = 'run_id="r",model="cluster",workload="cpu",worker="primary"'
const IDENTITY = { run_id: 'r', model: 'cluster', workload: 'cpu' }
const EXITS = METRICS.workerExits.name
const RESTARTS = METRICS.workerRestarts.name

/** Workers that ended or were started for one reason within that many seconds. */
function risen(metric: string, reason: string, windowS: number): string {
  return `sum by (run_id, model, workload) (increase(${metric}{reason="${reason}"}[${windowS}s])) > 0`
}

/** Alerts on workers that end and are replaced, as their supervisor counts them. */
export const RESTART_ALERTS: readonly Alert[] = [
  {
    name: 'WorkerCrashed',
    expr: risen(EXITS, 'crash', 10),
    forS: 0,
    keepFiringForS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}: a worker ended that nobody had asked to',
    runbook: {
      means:
        'A worker that served ended by itself or was killed from outside. What it was working on is lost, and connections that it had are reset or, under node:cluster, left to hang.',
      lookAt: [
        'Its exit on “Workers” and the last lines of its log: an exception, or a signal?',
        'The kernel’s log for the out-of-memory killer, if the signal was SIGKILL.',
      ],
      act: [
        'Look for requests that hang rather than fail: they show up as no 5xx. `forkwise resilience --faults kill` counts both.',
        'One crash is replaced in a second or two; four within a minute are WorkerCrashLoop.',
      ],
    },
    firing: {
      why: 'one worker is killed',
      series: testSeries([`${EXITS}{${ID},reason="crash"}`, '0x10 1x40']),
      atS: 13,
      labels: IDENTITY,
      summary: 'cluster: a worker ended that nobody had asked to',
    },
    quiet: {
      why: 'workers that left as they were asked to, and a crash of long ago',
      series: testSeries(
        [`${EXITS}{${ID},reason="crash"}`, '1x60'],
        [`${EXITS}{${ID},reason="drained"}`, '0x10 0+1x50'],
      ),
      atS: 60,
    },
  },
  {
    name: 'WorkersCrashAtBoot',
    expr: risen(EXITS, 'boot', 20),
    forS: 0,
    keepFiringForS: 5,
    severity: 'page',
    summary: '{{ $labels.model }}: a worker ended before it was ready',
    runbook: {
      means:
        'A worker that was started did not get to serve. The next one that is started will meet the same cause, so capacity is going to shrink with every worker that ends for any reason.',
      lookAt: [
        'The last lines of the worker’s log: a missing file, module or variable, a port that is taken, a dependency that is away.',
        'What changed last: a deployment, the configuration, the environment.',
      ],
      act: [
        'Roll the last change back; do not reload, or the workers that still serve are gone as well.',
        'Our supervisor pauses longer after each failed start, so that starting works within seconds once the cause is mended.',
      ],
    },
    firing: {
      why: 'two starts fail',
      series: testSeries([`${EXITS}{${ID},reason="boot"}`, '0x10 1x3 2x40']),
      atS: 14,
      labels: IDENTITY,
      summary: 'cluster: a worker ended before it was ready',
    },
    quiet: {
      why: 'a worker crashes while it serves',
      series: testSeries([`${EXITS}{${ID},reason="boot"}`, '0x60'], [`${EXITS}{${ID},reason="crash"}`, '0x10 1x50']),
      atS: 60,
    },
  },
  {
    name: 'RollingReload',
    expr: risen(RESTARTS, 'reload', 10),
    forS: 0,
    keepFiringForS: 5,
    severity: 'info',
    summary: '{{ $labels.model }}: its workers are being replaced',
    runbook: {
      means:
        'The supervisor is replacing its workers one after the other, as it was asked to (SIGHUP): for a new version of the app, say. Nothing is wrong; other alerts during that time may come from it.',
      lookAt: [
        'Requests that fail during that time: a model that promises a clean reload loses none.',
        'Whether every old worker is gone at the end, or some had to be killed (`drain-timeout`).',
      ],
      act: ['Nothing. If requests failed: `forkwise resilience --faults reload` says which and why.'],
    },
    firing: {
      why: 'two workers are replaced',
      series: testSeries([`${RESTARTS}{${ID},reason="reload"}`, '0x10 1x2 2x40']),
      atS: 14,
      labels: IDENTITY,
      summary: 'cluster: its workers are being replaced',
    },
    quiet: {
      why: 'workers are replaced for other reasons',
      series: testSeries(
        [`${RESTARTS}{${ID},reason="reload"}`, '2x60'],
        [`${RESTARTS}{${ID},reason="crash"}`, '0x10 1x50'],
        [`${RESTARTS}{${ID},reason="recycled"}`, '0+1x60'],
      ),
      atS: 60,
    },
  },
]
