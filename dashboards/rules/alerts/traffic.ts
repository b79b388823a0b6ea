import { METRICS } from '../../../core/metrics.ts'
import { RECORDED } from '../recording-rules.ts'
import { type Alert, testSeries } from '../rule.ts'

const COUNT = `${METRICS.requestDuration.name}_count`
const BUCKET = `${METRICS.requestDuration.name}_bucket`
const ID = 'run_id="r",model="cluster",workload="cpu"'
const IDENTITY = { run_id: 'r', model: 'cluster', workload: 'cpu' }

/** Alerts on what clients get. */
export const TRAFFIC_ALERTS: readonly Alert[] = [
  {
    name: 'HighErrorRatio',
    expr: `${RECORDED.errorRatio.record} > 0.01 and ${RECORDED.requestRate.record} > 1`,
    forS: 5,
    keepFiringForS: 10,
    severity: 'page',
    summary: '{{ $labels.model }}: {{ $value | humanizePercentage }} of the answers are errors',
    runbook: {
      means:
        'More than one answer in a hundred has a 5xx status. Rates of such a server say little: an error is often cheaper than the work it replaces.',
      lookAt: [
        'The status codes on “Compare models”: 503 is load shed on purpose, 500 is a fault of the app, 502 and 504 come from a proxy.',
        'WorkerCrashLoop, WorkersMissing and PoolExhausted, which often fire first.',
        'The logs of the launch, named in the trial’s record.',
      ],
      act: [
        'For 503: offer less load, or give the pool more threads or a longer queue.',
        'For 500: repeat one request with `curl` against `forkwise serve MODEL` and read its log.',
        'Do not compare throughput of a trial with errors; Forkwise marks it.',
      ],
    },
    firing: {
      why: 'two answers in a hundred are 503',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1",http_response_status_code="200"}`, '0+98x60'],
        [`${COUNT}{${ID},worker="worker-1",http_response_status_code="503"}`, '0+2x60'],
      ),
      atS: 30,
      labels: IDENTITY,
      summary: 'cluster: 2% of the answers are errors',
    },
    quiet: {
      why: 'one answer in two hundred is an error, and an idle server has no ratio',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1",http_response_status_code="200"}`, '0+199x60'],
        [`${COUNT}{${ID},worker="worker-1",http_response_status_code="500"}`, '0+1x60'],
        [`${COUNT}{run_id="r",model="idle",worker="worker-1",http_response_status_code="500"}`, '7x60'],
      ),
      atS: 60,
    },
  },
  {
    name: 'LatencyObjectiveMissed',
    expr: `${RECORDED.latencyP99.record} > 0.25 and ${RECORDED.requestRate.record} > 10`,
    forS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}: p99 is {{ $value | humanizeDuration }}',
    runbook: {
      means:
        'One answer in a hundred takes longer than 250 ms by the server’s own clock. In a closed loop at saturation that is no surprise: latency then is a matter of how many connections wait.',
      lookAt: [
        'The phase: in `saturation` the figure has no meaning for users, in `latency` it has.',
        '“Client − server p99” on “One model”: if the client sees far more, requests wait before the server’s clock starts (accept queue, proxy, blocked event loop).',
        'EventLoopBlocked, EventLoopSaturated, PoolExhausted and the queue wait.',
      ],
      act: [
        'Offer less than the capacity and look again.',
        'Move blocking work off the event loop: compare `single` with `worker-pool` and `cooperative`.',
        'More workers help only while there are cores for them: `forkwise scale MODEL` shows where it ends.',
      ],
    },
    firing: {
      why: 'every answer takes between 250 and 500 ms',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1"}`, '0+100x60'],
        [`${BUCKET}{${ID},worker="worker-1",le="0.25"}`, '0x60'],
        [`${BUCKET}{${ID},worker="worker-1",le="0.5"}`, '0+100x60'],
        [`${BUCKET}{${ID},worker="worker-1",le="+Inf"}`, '0+100x60'],
      ),
      atS: 40,
      labels: IDENTITY,
      summary: 'cluster: p99 is 497.5ms',
    },
    quiet: {
      why: 'only one answer in two hundred is slow, and a server that was slow once is idle now',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1"}`, '0+200x60'],
        [`${BUCKET}{${ID},worker="worker-1",le="0.25"}`, '0+199x60'],
        [`${BUCKET}{${ID},worker="worker-1",le="0.5"}`, '0+200x60'],
        [`${BUCKET}{${ID},worker="worker-1",le="+Inf"}`, '0+200x60'],
        [`${COUNT}{run_id="r",model="idle",worker="worker-1"}`, '100x60'],
        [`${BUCKET}{run_id="r",model="idle",worker="worker-1",le="0.25"}`, '0x60'],
        [`${BUCKET}{run_id="r",model="idle",worker="worker-1",le="+Inf"}`, '100x60'],
      ),
      atS: 60,
    },
  },
  {
    name: 'SheddingLoad',
    expr: `${RECORDED.shedRatio.record} > 0.05`,
    forS: 5,
    severity: 'info',
    summary: '{{ $labels.model }}: sheds {{ $value | humanizePercentage }} of its requests',
    runbook: {
      means:
        'The server answers more than one request in twenty with 503 at once, to keep the others fast. That is a protection at work, and a sign that more is offered than it can take.',
      lookAt: [
        'The reason on “Pools, queues, dependency”: `queue-full`, `timeout` or `draining`.',
        'Pool in use against pool size, and the length of the queue.',
      ],
      act: [
        'To measure capacity, offer less; to see how the server sheds, change nothing.',
        'Reason `draining` under load means that a reload sends clients away: look at the reload, not at the load.',
      ],
    },
    firing: {
      why: 'one request in ten is shed',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1"}`, '0+100x60'],
        [`${METRICS.shedRequests.name}{${ID},worker="worker-1",reason="queue-full"}`, '0+10x60'],
      ),
      atS: 30,
      labels: IDENTITY,
      summary: 'cluster: sheds 10% of its requests',
    },
    quiet: {
      why: 'one request in a hundred is shed',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1"}`, '0+100x60'],
        [`${METRICS.shedRequests.name}{${ID},worker="worker-1",reason="queue-full"}`, '0+1x60'],
      ),
      atS: 60,
    },
  },
  {
    name: 'WorkerImbalance',
    expr: `${RECORDED.workerImbalance.record} > 1.5 and ${RECORDED.requestRate.record} > 50`,
    forS: 15,
    severity: 'warning',
    summary: '{{ $labels.model }}: the busiest worker has {{ $value | humanize }} times the mean',
    runbook: {
      means:
        'One worker answers more than one and a half times as many requests as the workers do on average. The server’s capacity is then that of its busiest worker, and its latency too.',
      lookAt: [
        'Share of each worker on “Workers”: one high and the rest level, or some at zero?',
        'The number of connections: round robin hands out connections, not requests, and the kernel hashes them.',
      ],
      act: [
        'With `kernel-hash` and `shared-accept` routing use at least 25 connections for each worker; fewer are a lottery.',
        'A worker at zero may be stuck: look for EventLoopBlocked and at its heartbeat.',
        'If it stays: a central queue (`worker-pool`) or a proxy (`nginx-fork`) spreads requests, not connections.',
      ],
    },
    firing: {
      why: 'two of three workers are idle, one of them without ever having answered',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1"}`, '0+90x60'],
        [`${COUNT}{${ID},worker="worker-2"}`, '0x60'],
        ...[1, 2, 3].map((n) => [`up{${ID},worker="worker-${n}",role="worker"}`, '1x60'] as const),
      ),
      atS: 40,
      labels: IDENTITY,
      summary: 'cluster: the busiest worker has 3 times the mean',
    },
    quiet: {
      why: 'one worker has 1.2 times the mean, and a single worker cannot be out of balance',
      series: testSeries(
        [`${COUNT}{${ID},worker="worker-1"}`, '0+60x60'],
        [`${COUNT}{${ID},worker="worker-2"}`, '0+40x60'],
        ...[1, 2].map((n) => [`up{${ID},worker="worker-${n}",role="worker"}`, '1x60'] as const),
        [`${COUNT}{run_id="r",model="single",worker="worker-1"}`, '0+500x60'],
        ['up{run_id="r",model="single",worker="worker-1",role="worker"}', '1x60'],
      ),
      atS: 60,
    },
  },
]
