import { setTimeout as sleep } from 'node:timers/promises'
import { factAtLeast, factAtMost, lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { SUPERVISOR_VARIABLES } from '../../../cluster/supervisor/settings.ts'
import { untilAborted } from '../../../core/abort.ts'
import type { Drill, Stage } from '../drill.ts'
import { RELOAD_LEVER, RESTART_LEVER, supervisorLever, workersLever } from '../levers.ts'

const WORKERS = 4

/** Requests of a worker until it is replaced: with those that leak 8 MiB/s, some 25 MB. */
const MAX_REQUESTS = 160

/** Most that a worker may have in memory, in MB. */
const MOST_MB = 160

/** Goal for the 99th percentile, in ms: what a bad fix would cost. */
const LIMIT_MS = 1000

/** Share of requests that may be lost: now and then one meets a worker that leaves. */
const MOST_LOST = 0.01

/** How often units are looked at within a second, and for how long, in milliseconds. */
const LOOK_MS = 50
const WATCH_MS = 800

const MB = 1e6

export const drill: Drill = {
  id: 'leak-in-step',
  number: 4,
  title: 'Every few seconds everybody waits',
  level: 2,
  minutes: 15,
  page:
    'Customers write: “Every few seconds pages cannot be reached, for all of us at the same moment, and then it goes on as if nothing ' +
    'had been.” The graph of the memory has looked like a saw since the new version came, and a colleague says that this is on purpose.',
  server: {
    model: 'cluster',
    workers: WORKERS,
    preloads: ['leak'],
    environment: {
      [SUPERVISOR_VARIABLES.replacedAtOnce.variable]: String(WORKERS),
      [SUPERVISOR_VARIABLES.leavesFirst.variable]: '1',
    },
  },
  loads: [
    {
      requests: [{ route: 'io', method: 'GET', path: '/io/sleep?ms=20', weight: 1, expectStatus: 200 }],
      ratePerS: 200,
      arrivals: 'poisson',
      timeoutS: 15,
      maxConnections: 512,
      requestsPerConnection: 10,
    },
  ],
  fault: {
    text: `A version came that leaks 128 KiB a request, and for its sake each worker is replaced after ${MAX_REQUESTS} requests: all of them at once, each leaving before its successor is there.`,
    async run(stage) {
      stage.switchOn('leak')
      stage.noteLever('max-requests', String(MAX_REQUESTS))
      await stage.change({ supervisor: { maxRequests: MAX_REQUESTS }, environment: {} })
      await untilAborted(stage.signal)
    },
  },
  levers: [
    workersLever(WORKERS),
    supervisorLever(
      {
        id: 'max-requests',
        help: 'Requests after which a worker is replaced, from the next worker on.',
        value: { kind: 'number', min: 20, max: 220, whole: true, unit: 'requests' },
        initial: 'never',
      },
      'maxRequests',
    ),
    supervisorLever(
      {
        id: 'jitter',
        help: 'Up to so many requests more, drawn for each worker, from the next one on.',
        value: { kind: 'number', min: 0, max: 220, whole: true, unit: 'requests' },
        initial: '0',
      },
      'maxRequestsJitter',
    ),
    supervisorLever(
      {
        id: 'replaced-at-once',
        help: 'Most workers that are replaced at the same time.',
        value: { kind: 'number', min: 1, max: 64, whole: true, unit: 'workers' },
        initial: String(WORKERS),
      },
      'replacedAtOnce',
    ),
    supervisorLever(
      {
        id: 'leaves-first',
        help: '1: a worker leaves as its successor is started; 0: once that one is ready, both being in memory meanwhile.',
        value: { kind: 'number', min: 0, max: 1, whole: true, unit: '' },
        initial: '1',
      },
      'leavesFirst',
    ),
    RELOAD_LEVER,
    RESTART_LEVER,
  ],
  goal: {
    text: `At least ${WORKERS - 1} workers are in service at every moment, none has more than ${MOST_MB} MB in memory, the 99th percentile of io is below ${LIMIT_MS} ms, and at most ${MOST_LOST * 100} % of the requests are lost.`,
    judge: (window) => [
      factAtLeast(window, 'in-service', WORKERS - 1, `at least ${WORKERS - 1} workers in service at every moment`),
      factAtMost(window, 'largest', MOST_MB, `no worker with more than ${MOST_MB} MB`, 'MB'),
      quantileBelow(window, 'io', LIMIT_MS),
      lostAtMost(window, 'io', MOST_LOST),
    ],
    facts: leastInService,
  },
  late: { io: 200 },
  questions: [
    {
      id: 'unit',
      text: 'Which unit is in trouble?',
      choices: ['one worker at a time', 'all workers at the same time', 'the supervisor', 'the dependency'],
      right: 'all workers at the same time',
      why: 'They leave within the same second, and for as long as their successors start nobody serves.',
    },
    {
      id: 'cause',
      text: 'What is the cause?',
      choices: [
        'workers crash since they are out of memory',
        'workers are replaced in step, each leaving before its successor is there',
        'memory leaks faster than it can be freed',
        'there are too few workers for the load',
      ],
      right: 'workers are replaced in step, each leaving before its successor is there',
      why: 'All started together, all answer as many requests, so that all have answered their number at the same time, again and again.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'workers that are ready, and restarts by reason',
        'requests per second of each worker',
        'the mean latency',
        'the CPU of the machine',
      ],
      right: 'workers that are ready, and restarts by reason',
      why: '`server_workers` with the state ready falls to none, and restarts of reason `recycled` come in steps of four.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if workers crashed for lack of memory instead?',
      choices: [
        'restarts of reason `crash`, at different times, and requests that are lost',
        'the same picture',
        'no restarts at all',
        'restarts of reason `reload`',
      ],
      right: 'restarts of reason `crash`, at different times, and requests that are lost',
      why: 'A crash loses what is in hand. A worker that is replaced finishes it first.',
    },
  ],
  hints: [
    'Look at how many workers are ready, several times a second, or at the bars of the live page; and at why they are restarted.',
    'All of them are replaced at the same moment, since all have answered the same number of requests. What could make them leave at different moments, or only once somebody else is there?',
    'The leak is not yours to mend, and replacing keeps memory bounded. Have one replaced at a time (`replaced-at-once 1`), or each leave only once its successor is ready (`leaves-first 0`); `jitter` spreads what is left.',
  ],
  debrief: {
    fault: `A version came that leaks 128 KiB a request, and each worker was replaced after ${MAX_REQUESTS} requests for it: all at once, each leaving before its successor was there.`,
    showed: [
      'Workers: four, none, four, none. Restarts: four at a time, of reason recycled.',
      'Memory: saw teeth, all in phase. Requests: while nobody serves connections are refused, or wait until somebody does.',
      'CPU of the machine: peaks while four workers start at once, which makes each start slower.',
    ],
    reference: {
      pulls: [{ lever: 'replaced-at-once', value: '1' }],
      why: 'Three of four serve at every moment, and after the first round the four are out of step. The others wait for their turn and leak a little more until then.',
    },
    other: {
      pulls: [{ lever: 'leaves-first', value: '0' }],
      why: 'Nobody leaves before a successor is ready, so that none is ever missing. For a moment up to four more workers are in memory.',
    },
    wrongTurn: {
      pulls: [{ lever: 'reload' }],
      why: 'New workers leak as the old ones did, and since all of them are new together they stay in step. More requests for each (`max-requests`) makes it rarer, not better.',
    },
    alert: 'WorkersLeaveTogether',
    alertNote:
      'WorkersMissing stays silent, since nobody is missing for five seconds at a stretch; this one looks at the least number of the last twenty.',
    model:
      'cluster as it is shipped: one worker at a time, and its successor first: FORKWISE_MAX_REQUESTS=160 npx forkwise serve cluster --workers 4',
    lesson: 'A herd is a matter of phase. Whatever is done to all, do to one after the other.',
  },
}

async function leastInService(stage: Stage): Promise<Readonly<Record<string, number>>> {
  const usage = (await stage.server.usage()).filter(({ role }) => role === 'worker')
  let least = Infinity
  for (const endMs = performance.now() + WATCH_MS; performance.now() < endMs; await sleep(LOOK_MS)) {
    least = Math.min(least, (await stage.units()).filter(({ role }) => role === 'worker').length)
  }
  return { 'in-service': least, largest: Math.max(0, ...usage.map(({ rssBytes }) => rssBytes)) / MB }
}
