import { METRICS } from '../../../core/metrics.ts'
import { type Alert, testSeries } from '../rule.ts'

const ID = 'run_id="r",model="cluster",workload="cpu",worker="worker-1"'
const IDENTITY = { run_id: 'r', model: 'cluster', workload: 'cpu', worker: 'worker-1' }

/** An event loop that does not turn for longer than this is blocked, in seconds. */
const BLOCKED_S = 1.5

/** Share of the time that garbage collection may take. */
const GC_SHARE = 0.1

/** Alerts on the event loop and what a process consumes. */
export const RUNTIME_ALERTS: readonly Alert[] = [
  {
    name: 'EventLoopSaturated',
    expr: `avg_over_time(${METRICS.eventLoopUtilization.name}[10s]) > 0.9`,
    forS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}/{{ $labels.worker }}: event loop {{ $value | humanizePercentage }} busy',
    runbook: {
      means:
        'The event loop of this unit has hardly been idle for twenty seconds: it is at its limit, and what arrives now waits. At saturation that is what one wants to see of every worker; of a primary or a main thread in front of a pool it means that the front is the bottleneck.',
      lookAt: [
        'Which unit: a worker, or the primary or proxy in front of the workers?',
        'CPU of the machine: a loop can be saturated with the CPU half idle, when one worker does all the work.',
      ],
      act: [
        'If workers are saturated and cores are free: more workers.',
        'If the front is saturated: a model without one (`reuse-port`), or fewer, larger requests.',
        'For a latency measurement offer less; above 80 % latency is a matter of luck.',
      ],
    },
    firing: {
      why: 'the loop is 95 % busy',
      series: testSeries([`${METRICS.eventLoopUtilization.name}{${ID}}`, '0.95x60']),
      atS: 30,
      labels: IDENTITY,
      summary: 'cluster/worker-1: event loop 95% busy',
    },
    quiet: {
      why: 'the loop is busy for five seconds and then half idle',
      series: testSeries([`${METRICS.eventLoopUtilization.name}{${ID}}`, '0.2x10 1x5 0.5x40']),
      atS: 20,
    },
  },
  {
    name: 'EventLoopBlocked',
    // The loop of a process that was stopped was not blocked.
    expr: `${METRICS.eventLoopDelayMax.name} > ${BLOCKED_S} unless min_over_time(up[20s]) == 0`,
    forS: 0,
    keepFiringForS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}/{{ $labels.worker }}: blocked for {{ $value | humanizeDuration }}',
    runbook: {
      means:
        'The event loop of this unit did not turn for more than one and a half seconds, though its process ran. Nothing else happened in that process during that time: no answer, no timer, no accepted connection; health checks fail too.',
      lookAt: [
        'Heartbeat age on “Event loop and runtime”: it grows while the block lasts, and shows how long it was.',
        'Garbage collection pauses at the same instant: a major collection of a large heap blocks as well.',
        'The route: a handler of kind `cpu` run `inline` blocks for as long as it computes.',
      ],
      act: [
        'Run the handler under another executor and compare: `worker-pool` takes it off the loop, `cooperative` cuts it in slices.',
        'For a library call that blocks: look for its asynchronous form, or give it a thread.',
        'Take a CPU profile of that worker: `node --cpu-prof`, or `--inspect` and the DevTools.',
      ],
    },
    firing: {
      why: 'the loop stood still for three seconds',
      series: testSeries([`${METRICS.eventLoopDelayMax.name}{${ID}}`, '0.01x10 1 2 3 0.01x40']),
      atS: 13,
      labels: IDENTITY,
      summary: 'cluster/worker-1: blocked for 3s',
    },
    quiet: {
      why: 'pauses of 1.2 s, and a process that was stopped for five seconds',
      series: testSeries(
        [`${METRICS.eventLoopDelayMax.name}{${ID}}`, '1.2x60'],
        [`${METRICS.eventLoopDelayMax.name}{run_id="r",model="frozen",worker="worker-1"}`, '0.01x20 _x5 5x5 0.01x40'],
        ['up{run_id="r",model="frozen",worker="worker-1"}', '1x20 0x5 1x40'],
      ),
      atS: 60,
    },
  },
  {
    name: 'GarbageCollectionHeavy',
    expr:
      `sum by (run_id, model, workload, worker) (rate(${METRICS.gcDuration.name}_sum[10s])) > ${GC_SHARE}` +
      ` and on (run_id, model, workload, worker) time() - ${METRICS.processStart.name} > 30`,
    forS: 10,
    severity: 'warning',
    summary:
      '{{ $labels.model }}/{{ $labels.worker }}: {{ $value | humanizePercentage }} of the time goes to garbage collection',
    runbook: {
      means:
        'The event loop of this unit has stood still for more than a tenth of the last twenty seconds while the heap was searched for what can be freed; what the collector did in threads beside it comes on top. The first half minute of a process is left out.',
      lookAt: [
        'Heap in use against the limit of the heap on “Event loop and runtime”: close to it, little is freed each time, and it is tried again at once.',
        'CPU per request: the same requests cost several times as much.',
        'What is kept: a cache without a bound, a queue, or a leak (MemoryGrowth).',
      ],
      act: [
        'If the machine or container has the memory: a higher limit (`--max-old-space-size`).',
        'Bound what is kept: half the entries of a cache often give nearly all of its hits.',
        'If much of the heap dies young but not young enough: a larger young generation (`--max-semi-space-size`).',
      ],
    },
    firing: {
      why: 'a fifth of the time goes to it',
      series: testSeries(
        [`${METRICS.gcDuration.name}_sum{${ID},kind="major"}`, '0+0.15x90'],
        [`${METRICS.gcDuration.name}_sum{${ID},kind="minor"}`, '0+0.05x90'],
        [`${METRICS.processStart.name}{${ID}}`, '0x90'],
      ),
      atS: 60,
      labels: IDENTITY,
      summary: 'cluster/worker-1: 20% of the time goes to garbage collection',
    },
    quiet: {
      why: 'a twentieth of the time goes to it, and a process that warms up',
      series: testSeries(
        [`${METRICS.gcDuration.name}_sum{${ID},kind="minor"}`, '0+0.05x90'],
        [`${METRICS.processStart.name}{${ID}}`, '0x90'],
        [`${METRICS.gcDuration.name}_sum{run_id="r",model="young",worker="worker-1",kind="major"}`, '0+0.3x90'],
        [`${METRICS.processStart.name}{run_id="r",model="young",worker="worker-1"}`, '40x90'],
      ),
      atS: 60,
    },
  },
  {
    name: 'MemoryGrowth',
    // A step is no growth: it is in two halves of the window for no longer than it lasts.
    expr:
      `deriv(${METRICS.residentMemory.name}[10s]) > 1.5e6` +
      ` and deriv(${METRICS.residentMemory.name}[10s] offset 10s) > 1.5e6` +
      ` and predict_linear(${METRICS.residentMemory.name}[20s], 600) > 1e9` +
      ` and time() - ${METRICS.processStart.name} > 30`,
    forS: 10,
    severity: 'warning',
    summary: '{{ $labels.model }}/{{ $labels.worker }} grows by {{ $value | humanize1024 }}B/s',
    runbook: {
      means:
        'Resident memory has grown by more than 1.5 MB a second for half a minute and would pass 1 GB within ten minutes. The first half minute of a process is left out: heaps grow to their working size then.',
      lookAt: [
        'Heap in use against resident memory on “Event loop and runtime”: if the heap grows, objects are kept; if not, buffers or native memory.',
        'Connections open and tasks waiting: a queue without a limit looks just like a leak.',
      ],
      act: [
        'Take two heap snapshots a minute apart (`--heapsnapshot-signal=SIGUSR2`) and compare them.',
        'Until it is fixed: recycle workers after a number of requests.',
      ],
    },
    firing: {
      why: '20 MB a second',
      series: testSeries(
        [`${METRICS.residentMemory.name}{${ID}}`, '100000000+20000000x200'],
        [`${METRICS.processStart.name}{${ID}}`, '0x200'],
      ),
      atS: 150,
      labels: IDENTITY,
      summary: 'cluster/worker-1 grows by 19.07MiB/s',
    },
    quiet: {
      why: 'a large but steady process, one that is still warming up, and one that takes a step of 100 MB in five seconds',
      series: testSeries(
        [`${METRICS.residentMemory.name}{${ID}}`, '2000000000+10000x200'],
        [`${METRICS.processStart.name}{${ID}}`, '0x200'],
        [`${METRICS.residentMemory.name}{run_id="r",model="young",worker="worker-1"}`, '100000000+20000000x200'],
        [`${METRICS.processStart.name}{run_id="r",model="young",worker="worker-1"}`, '125x200'],
        [
          `${METRICS.residentMemory.name}{run_id="r",model="step",worker="worker-1"}`,
          '100000000x60 120000000+20000000x4 200000000x100',
        ],
        [`${METRICS.processStart.name}{run_id="r",model="step",worker="worker-1"}`, '0x200'],
      ),
      atS: 150,
    },
  },
  {
    name: 'FileDescriptorsNearlyGone',
    expr: `${METRICS.openFds.name} / ${METRICS.maxFds.name} > 0.8`,
    forS: 5,
    severity: 'warning',
    summary:
      '{{ $labels.model }}/{{ $labels.worker }}: {{ $value | humanizePercentage }} of its file descriptors in use',
    runbook: {
      means:
        'More than four fifths of the file descriptors that this process may open are in use. Once they are gone it can accept no connection and open no file, and often falls into a busy loop.',
      lookAt: [
        'Connections open: does each descriptor belong to a client?',
        '`ls -l /proc/PID/fd`: sockets without a peer are leaked ones.',
      ],
      act: [
        'With a high `--connections` raise the limit: `ulimit -n 65536` before Forkwise starts.',
        'If connections are few: something opens files or sockets and does not close them.',
      ],
    },
    firing: {
      why: '900 of 1024 descriptors are open',
      series: testSeries([`${METRICS.openFds.name}{${ID}}`, '900x60'], [`${METRICS.maxFds.name}{${ID}}`, '1024x60']),
      atS: 20,
      labels: IDENTITY,
      summary: 'cluster/worker-1: 87.89% of its file descriptors in use',
    },
    quiet: {
      why: '900 of a million',
      series: testSeries([`${METRICS.openFds.name}{${ID}}`, '900x60'], [`${METRICS.maxFds.name}{${ID}}`, '1048576x60']),
      atS: 60,
    },
  },
]
