import { lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { untilAborted } from '../../../core/abort.ts'
import { LAUNCH_ENV } from '../../../core/unit.ts'
import type { Drill } from '../drill.ts'
import { executorLever, RELOAD_LEVER, RESTART_LEVER, variableLever, workersLever } from '../levers.ts'

/** Goal for the 99th percentile of file reads, in ms; behind keys that are being derived one waits for two seconds. */
const LIMIT_MS = 800

/** Rounds of a key: about a tenth of a second of a core. */
const ROUNDS = 300_000

/** Keys that one request has derived at once. */
const KEYS = 36

export const drill: Drill = {
  id: 'thread-pool',
  number: 8,
  title: 'Downloads hang, everything else is fast',
  level: 2,
  minutes: 12,
  page:
    'Customers write: “Downloads get stuck again and again for a second or two before the first byte comes. Pages without ' +
    'files are as fast as ever, even in the same moment.” No request fails, and the disks of the machine are idle.',
  server: { model: 'cluster', workers: 1 },
  loads: [
    {
      requests: [
        { route: 'file', method: 'GET', path: '/io/file?kb=16', weight: 2, expectStatus: 200 },
        { route: 'io', method: 'GET', path: '/io/sleep?ms=5', weight: 1, expectStatus: 200 },
      ],
      ratePerS: 60,
      arrivals: 'poisson',
      timeoutS: 20,
      maxConnections: 256,
    },
  ],
  fault: {
    text: `Every five seconds a request came that had ${KEYS} keys derived at once, in native code on the threads of libuv.`,
    async run(stage) {
      stage.drive({
        requests: [
          {
            route: 'hash',
            method: 'GET',
            path: `/cpu/hash?rounds=${ROUNDS}&keys=${KEYS}`,
            weight: 1,
            expectStatus: 200,
          },
        ],
        ratePerS: 0.2,
        arrivals: 'constant',
        timeoutS: 60,
        maxConnections: 16,
      })
      await untilAborted(stage.signal)
    },
  },
  levers: [
    workersLever(1),
    executorLever(['inline', 'cooperative', 'worker-pool']),
    variableLever(
      {
        id: 'libuv-threads',
        help: 'Threads of libuv in each worker (UV_THREADPOOL_SIZE): deployed to all workers, one after the other.',
        value: { kind: 'number', min: 1, max: 128, whole: true, unit: 'threads' },
        initial: '4',
      },
      'UV_THREADPOOL_SIZE',
    ),
    variableLever(
      {
        id: 'hashes-at-once',
        help: `Most keys that a worker derives at once, 0 for any number (${LAUNCH_ENV.hashesAtOnce}): deployed likewise.`,
        value: { kind: 'number', min: 0, max: 64, whole: true, unit: 'keys' },
        initial: '0',
      },
      LAUNCH_ENV.hashesAtOnce,
    ),
    variableLever(
      {
        id: 'hash-threads',
        help: `Threads of its own in which a worker derives keys, 0 for those of libuv (${LAUNCH_ENV.hashThreads}): deployed likewise.`,
        value: { kind: 'number', min: 0, max: 16, whole: true, unit: 'threads' },
        initial: '0',
      },
      LAUNCH_ENV.hashThreads,
    ),
    RELOAD_LEVER,
    RESTART_LEVER,
  ],
  goal: {
    text: `The 99th percentile of file is below ${LIMIT_MS} ms, and every request is answered as expected, those that derive keys included.`,
    judge: (window) => [
      quantileBelow(window, 'file', LIMIT_MS),
      quantileBelow(window, 'io', LIMIT_MS),
      lostAtMost(window, 'file', 0),
      lostAtMost(window, 'io', 0),
      ...(window.routes.includes('hash') ? [lostAtMost(window, 'hash', 0)] : []),
    ],
  },
  late: { file: LIMIT_MS, io: LIMIT_MS },
  questions: [
    {
      id: 'unit',
      text: 'What is in trouble?',
      choices: [
        'the disk',
        'the event loop of the worker',
        'what file reads run on in the worker',
        'the load generator',
      ],
      right: 'what file reads run on in the worker',
      why: 'Requests that need no file are answered as fast as ever by the same event loop, and the disk has nothing to do.',
    },
    {
      id: 'cause',
      text: 'What is the cause?',
      choices: [
        'the disk is slow',
        'a request computes on the event loop',
        'keys are derived on the threads that read files',
        'pauses of the garbage collector',
      ],
      right: 'keys are derived on the threads that read files',
      why: 'libuv has four threads for a whole process. Each key holds one until it is derived, and whoever needs a thread waits in the queue behind it.',
    },
    {
      id: 'series',
      text: 'What shows it?',
      choices: [
        'the event loop delay of the worker',
        'the latency by route: one that reads files against one that does not',
        'the rate of 5xx answers',
        'the bytes that the disk reads',
      ],
      right: 'the latency by route: one that reads files against one that does not',
      why: 'The queue of libuv has no metric. It shows in what needs its threads being slow while nothing else is.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if the event loop were blocked instead?',
      choices: [
        'every route slow at the same moments, and a long event loop delay',
        'the same picture',
        'only the requests that derive keys slow',
        'connections that are refused',
      ],
      right: 'every route slow at the same moments, and a long event loop delay',
      why: 'All routes share the event loop; only some share the threads.',
    },
  ],
  hints: [
    'Compare routes: the latency of one that reads files with that of one that does not, in the same seconds. Then look at the event loop delay.',
    'The event loop turns, and the disk is idle: file reads wait for a thread. Look for what else is asked for when they do, and where that runs.',
    'Deriving a key holds one of the four threads of libuv. Give it threads of its own (`hash-threads`), let fewer than four run at once (`hashes-at-once`), or have more threads (`libuv-threads`).',
  ],
  debrief: {
    fault: `A request every five seconds had ${KEYS} keys derived at once: for two seconds and more all four threads of libuv were taken.`,
    showed: [
      'Latency by route: p99 of file two seconds, p99 of io hardly changed.',
      'Event loop delay and heartbeats: as before. Errors: none. The disk: idle, the file is in memory.',
      '`top -H -p PID`: the threads of libuv compute, which those that read a file hardly ever do.',
    ],
    reference: {
      pulls: [{ lever: 'hash-threads', value: '2' }],
      why: 'Keys have threads of their own, as many as there are cores to compute on, and a queue of their own; the threads of libuv are free for files.',
    },
    other: {
      pulls: [{ lever: 'hashes-at-once', value: '2' }],
      why: 'Keys wait on the event loop, where waiting costs nothing, and two of the four threads are left for files whatever comes. More threads (`libuv-threads 128`) leave one free as well, until a larger batch fills them, and all of them compete for the cores meanwhile.',
    },
    wrongTurn: {
      pulls: [{ lever: 'executor', value: 'worker-pool' }],
      why: 'A pool for computing does nothing here: deriving a key leaves the event loop by itself, and the threads of a process share those of libuv.',
    },
    alert: 'LatencyObjectiveMissed',
    alertNote: 'It says that answers are late, not which: the panel of latency by route does.',
    model:
      'process-pool has other processes compute, each with threads of its own; but it leaves what leaves the event loop by itself where it is: the variables in docs/RESILIENCE.md are the answer under every model.',
    lesson: 'There is a second queue behind the event loop. When only some routes are slow, ask what they share.',
  },
}
