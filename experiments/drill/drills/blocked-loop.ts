import { lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { untilAborted } from '../../../core/abort.ts'
import { LONGEST_PRIME } from '../../faults/long-request.ts'
import type { Drill } from '../drill.ts'
import { executorLever, RELOAD_LEVER, RESTART_LEVER, workersLever } from '../levers.ts'

/** Goal for the 99th percentile of what only waits, in ms; a blocked loop holds it up for a second and more. */
const LIMIT_MS = 300

/**
 * One request in four seconds computes for a second or two where nothing lets the event loop turn meanwhile. The requests
 * that wait do so long enough for several connections to be in use at once: one or two would be of one worker, now and then
 * not of the one that is blocked.
 */
export const drill: Drill = {
  id: 'blocked-loop',
  number: 1,
  title: 'Every now and then everything takes a second',
  level: 1,
  minutes: 10,
  page:
    'Customers write: “Most of the time your pages are fast. Then, several times a minute, one hangs for a second or ' +
    'two, and the next click is fast again.” The graph of the mean latency looks as it did yesterday, and no request fails.',
  server: { model: 'cluster', workers: 2 },
  loads: [
    {
      requests: [{ route: 'io', method: 'GET', path: '/io/sleep?ms=60', weight: 1, expectStatus: 200 }],
      ratePerS: 100,
      arrivals: 'poisson',
      timeoutS: 10,
      maxConnections: 256,
    },
  ],
  fault: {
    text: 'Every four seconds a request came that computes for a second or two on the event loop of the worker that got it.',
    async run(stage) {
      stage.drive({
        requests: [
          { route: 'cpu', method: 'GET', path: `/cpu/prime?n=${LONGEST_PRIME}`, weight: 1, expectStatus: 200 },
        ],
        ratePerS: 0.25,
        arrivals: 'constant',
        timeoutS: 30,
        maxConnections: 16,
      })
      await untilAborted(stage.signal)
    },
  },
  levers: [
    workersLever(2),
    executorLever(['inline', 'cooperative', 'worker-pool', 'process-pool']),
    RELOAD_LEVER,
    RESTART_LEVER,
  ],
  goal: {
    text: `The 99th percentile of io is below ${LIMIT_MS} ms, and every request is answered as expected, those that compute included.`,
    judge: (window) => [
      quantileBelow(window, 'io', LIMIT_MS),
      lostAtMost(window, 'io', 0),
      ...(window.routes.includes('cpu') ? [lostAtMost(window, 'cpu', 0)] : []),
    ],
  },
  late: { io: LIMIT_MS },
  questions: [
    {
      id: 'unit',
      text: 'Which unit is in trouble?',
      choices: ['both workers at once', 'one worker at a time', 'the supervisor', 'the dependency'],
      right: 'one worker at a time',
      why: 'The worker that got the long request turns no event loop until it is done; the other one goes on.',
    },
    {
      id: 'cause',
      text: 'What is the cause?',
      choices: [
        'the CPUs are used up',
        'a request computes on the event loop',
        'pauses of the garbage collector',
        'a slow dependency',
      ],
      right: 'a request computes on the event loop',
      why: 'The loop stands still for as long as the request computes, and everything else of that worker waits.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'the mean latency',
        'the CPU of the machine',
        'the longest event loop delay of each worker',
        'the rate of 5xx answers',
      ],
      right: 'the longest event loop delay of each worker',
      why: 'Means and totals hide what happens to one worker for one second in four; a maximum does not.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if the CPUs were used up instead?',
      choices: [
        'latency up in every second, on both workers',
        'the same picture',
        'no latency at all, but errors',
        'one worker restarting',
      ],
      right: 'latency up in every second, on both workers',
      why: 'A shortage of CPU hits all workers alike and does not come and go every four seconds.',
    },
  ],
  hints: [
    'Look at each worker by itself, and at maxima, not at means: the heartbeats on the live page, or `nodejs_eventloop_delay_max_seconds` of each unit.',
    'One event loop stands still for more than a second while the machine is half idle: something computes on it. Look at which routes are asked for.',
    'More workers make it rarer and do not end it. Computing has to leave the event loop, or to let it turn: see the lever `executor`.',
  ],
  debrief: {
    fault: 'One request in four seconds computed for a second or two, inline, on one of two event loops.',
    showed: [
      'The live page: the heartbeat of one worker stands still while the other one turns; not always the same worker.',
      'Event loop delay: a maximum of more than a second on one worker, with a mean of some milliseconds.',
      'CPU: less than half of the machine. Errors: none. Mean latency: hardly changed; p99 ten times and more.',
    ],
    reference: {
      pulls: [{ lever: 'executor', value: 'worker-pool' }],
      why: 'Computing runs in threads of its own, and the event loop has nothing to do but to accept and to answer.',
    },
    other: {
      pulls: [{ lever: 'executor', value: 'cooperative' }],
      why: 'Computing stays on the event loop, in slices of some milliseconds between which it turns; the long request takes longer.',
    },
    wrongTurn: {
      pulls: [{ lever: 'workers', value: '4' }],
      why: 'With four workers a quarter of the requests is held up instead of half of them: fewer freezes, not none.',
    },
    alert: 'EventLoopBlocked',
    alertNote: 'It looks at the longest delay of each worker, not at the mean over all.',
    model: 'cluster-worker-pool: npx forkwise compare --models cluster,cluster-worker-pool --workloads mixed --quick',
    lesson: 'Busy is not blocked. Look at the maximum before the mean, and at each unit before the sum.',
  },
}
