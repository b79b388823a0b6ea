import { setTimeout as sleep } from 'node:timers/promises'
import { lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { LAUNCH_ENV } from '../../../core/unit.ts'
import type { Drill, Stage } from '../drill.ts'
import { connectionsLever, RELOAD_LEVER, variableLever, workersLever } from '../levers.ts'
import { tellDependency } from '../tell-dependency.ts'

/** How much slower the dependency gets, in ms. */
const SLOWER_MS = 2000

/** Goals: what does not need the dependency is as fast as before, what does fails at once. */
const OTHERS_MS = 300
const DEPENDENT_MS = 1000

/** The dependency is told again that it is slow so often, in milliseconds: it may have been started anew. */
const AGAIN_MS = 500

/** Connections that the clients have: enough for all requests while each takes some hundredths of a second. */
const CONNECTIONS = 40

/** A dependency gets slow, and callers that wait for it hold what everybody needs. */
export const drill: Drill = {
  id: 'slow-dependency',
  number: 7,
  title: 'Everything is slow, and the machines have nothing to do',
  level: 1,
  minutes: 15,
  page:
    'Customers write: “Nothing works any more.” Every page takes many seconds, those without prices too. No request ' +
    'fails, and hardly any CPU is used. Nobody has released anything.',
  server: { model: 'cluster', workers: 2 },
  loads: [
    {
      requests: [
        { route: 'page', method: 'GET', path: '/io/sleep?ms=10', weight: 3, expectStatus: 200 },
        { route: 'price', method: 'GET', path: '/io/upstream?ms=20', weight: 2, expectStatus: 200 },
      ],
      ratePerS: 100,
      arrivals: 'poisson',
      timeoutS: 20,
      maxConnections: CONNECTIONS,
    },
  ],
  fault: {
    text: `The dependency answered after ${SLOWER_MS / 1000} s instead of 20 ms.`,
    run: slowDown,
  },
  levers: [
    variableLever(
      {
        id: 'deadline',
        help: 'Milliseconds after which a call to the price service is given up.',
        value: { kind: 'number', min: 50, max: 60_000, whole: true, unit: 'ms' },
        initial: 'none',
      },
      LAUNCH_ENV.upstreamDeadline,
    ),
    variableLever(
      {
        id: 'breaker',
        help: 'Slow or failed calls in a row after which the price service is left alone for 5 s (a circuit breaker).',
        value: { kind: 'number', min: 1, max: 1000, whole: true, unit: 'calls' },
        initial: 'none',
      },
      LAUNCH_ENV.upstreamBreaker,
    ),
    variableLever(
      {
        id: 'bulkhead',
        help: 'Most calls to the price service that a worker makes at once; what is more fails at once.',
        value: { kind: 'number', min: 2, max: 10_000, whole: true, unit: 'calls' },
        initial: 'none',
      },
      LAUNCH_ENV.upstreamCalls,
    ),
    connectionsLever(CONNECTIONS),
    workersLever(2),
    RELOAD_LEVER,
  ],
  goal: {
    text: `Whatever the price service does: p99 of page is below ${OTHERS_MS} ms and none of it fails, and nine of ten requests of price are answered, or refused, within ${DEPENDENT_MS} ms.`,
    judge: (window) => [
      quantileBelow(window, 'page', OTHERS_MS),
      lostAtMost(window, 'page', 0),
      quantileBelow(window, 'price', DEPENDENT_MS, { q: 0.9, ends: 'all' }),
    ],
  },
  late: { page: OTHERS_MS, price: DEPENDENT_MS },
  questions: [
    {
      id: 'unit',
      text: 'What is used up?',
      choices: ['CPU', 'memory', 'connections of the clients', 'threads of libuv'],
      right: 'connections of the clients',
      why: 'Little’s law: 40 requests a second that take 2 s each hold 80 connections, and there are 40 for all routes together.',
    },
    {
      id: 'cause',
      text: 'Why are pages slow that do not ask for prices?',
      choices: [
        'they wait for a connection that a request for a price holds',
        'the event loop is blocked by waiting',
        'the workers restart',
        'the price service uses up the CPU',
      ],
      right: 'they wait for a connection that a request for a price holds',
      why: 'An event loop waits for free. What is shared and bounded is in front of it.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'event loop utilization',
        'active requests, and the duration of calls to the dependency',
        'garbage collection',
        'the rate of 5xx answers',
      ],
      right: 'active requests, and the duration of calls to the dependency',
      why: 'Both go up at the same moment, while CPU goes down.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if the workers were too few?',
      choices: [
        'the same with less memory',
        'CPU at its limit and event loops that are late',
        'more connections refused',
        'nothing else',
      ],
      right: 'CPU at its limit and event loops that are late',
      why: 'Workers that are too few are busy; these have nothing to do.',
    },
  ],
  hints: [
    'CPU is low and latency is high: something is waited for. Look at active requests and at how long calls to the dependency take.',
    'Multiply the rate of price by how long each request takes: that many are in flight at once. Compare it with the number of connections.',
    'More connections only give more requests room to wait. Stop waiting: set a deadline, a circuit breaker or a tight bulkhead for the calls.',
  ],
  debrief: {
    fault: `The dependency got slower by ${SLOWER_MS / 1000} s. Every request for a price held its connection for so long, until none was left for anything else.`,
    showed: [
      'Dependency duration: from 20 ms to 2 s. Active requests: up to what the connections allow.',
      'The generator: arrivals that wait for a connection; p99 of page rises with every second.',
      'CPU: lower than before. Event loop delay: fine.',
    ],
    reference: {
      pulls: [{ lever: 'deadline', value: '200' }],
      why: 'A call that takes longer than any good answer is given up: with 200 ms, 40 a second hold 8 connections.',
    },
    other: {
      pulls: [{ lever: 'breaker', value: '5' }],
      why: 'After five slow calls none are made for a while, and requests for prices fail at once; now and then one call finds out whether the service is back.',
    },
    wrongTurn: {
      pulls: [{ lever: 'connections', value: '200' }],
      why: 'The pages have connections again, until the dependency is slower still; whoever wants a price waits as long as before.',
    },
    alert: 'LatencyObjectiveMissed',
    alertNote:
      'The server’s own p99 counts the calls that it waits for. The wait for a connection, which pages suffer from, only the clients see.',
    model: 'None: every server model waits for its dependency. What helps is in the client of the dependency.',
    lesson: 'Waiting costs what it holds. Every call out needs a deadline, and something that stops calling.',
  },
}

async function slowDown(stage: Stage): Promise<void> {
  const { signal } = stage
  try {
    while (!signal.aborted) {
      await tellDependency(stage, `slower-by?ms=${SLOWER_MS}`)
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await tellDependency(stage, 'slower-by?ms=0')
  }
}
