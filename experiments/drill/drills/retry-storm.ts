import { setTimeout as sleep } from 'node:timers/promises'
import { isStruck, lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { LedgerWindow } from '../../../analysis/drill/window.ts'
import { LAUNCH_ENV } from '../../../core/unit.ts'
import type { GoalClause } from '../../../core/drill-record.ts'
import type { Drill, Lever, Stage } from '../drill.ts'
import { RESTART_LEVER, variableLever, workersLever } from '../levers.ts'
import { tellDependency } from '../tell-dependency.ts'

/** Calls that the price service can do at once, and how long each takes, in ms: 80 a second. */
const PLACES = 4
const CALL_MS = 50

/** Requests a second: three eighths of what the price service can do; each sent four times, half as much again as it can. */
const RATE_PER_S = 30

/** The price service stands still for so long, in ms: until more wait for it than it can do within the deadline. */
const STALL_MS = 3000

/** From one stall to the next, in ms, and from a change of the server to the first one after it. */
const CYCLE_MS = 7500
const FIRST_MS = 1000

/** Seconds of the ledger that end so long after the begin of a stall, in seconds, have to be well again. */
const HEALED_S = 6

/** How often it is looked whether the server is being changed, in milliseconds. */
const LOOK_MS = 100

/** Clients give up after this, in seconds, and try again as often. */
const DEADLINE_S = 1
const RETRIES = 3

/** Goal for the 90th percentile of prices, in ms: they take some hundredths of a second. */
const LIMIT_MS = 1000

/** The retries of clients keep a service overloaded long after what overloaded it. */
export const drill: Drill = {
  id: 'retry-storm',
  number: 6,
  title: 'It does not recover',
  level: 3,
  minutes: 20,
  page:
    'Customers write: “No prices, for minutes now.” The price service had a hiccup of three seconds and is fine again, its ' +
    'team says, and its machine is as busy as can be. There are as many customers as yesterday. A colleague has restarted ' +
    'everything twice; each time it worked for a while.',
  server: { model: 'cluster', workers: 2 },
  pace: { fast: { windowS: 8 } },
  loads: [
    {
      requests: [{ route: 'price', method: 'GET', path: `/io/upstream?ms=${CALL_MS}`, weight: 1, expectStatus: 200 }],
      ratePerS: RATE_PER_S,
      arrivals: 'poisson',
      timeoutS: DEADLINE_S,
      maxConnections: 512,
      retries: { most: RETRIES, backoffMs: 0, budget: null },
    },
  ],
  fault: {
    text:
      `The price service, which can do ${PLACES} calls at once, stood still for ${STALL_MS / 1000} s now and then. What ` +
      'clients tried again in that time kept it overloaded for good.',
    run: stallAgainAndAgain,
  },
  levers: [
    variableLever(
      {
        id: 'bound',
        help: 'Most calls to the price service that a worker has in hand; what would be more gets 503 at once.',
        value: { kind: 'number', min: 2, max: 10_000, whole: true, unit: 'calls' },
        initial: 'none',
      },
      LAUNCH_ENV.upstreamCalls,
    ),
    retryLever('retries', 'How often clients try again what failed.', 10, 'retries', String(RETRIES), (value) => ({
      most: value,
    })),
    retryLever(
      'backoff',
      'Pause before the first retry in ms; doubled for each further one.',
      5000,
      'ms',
      '0',
      (value) => ({
        backoffMs: value,
      }),
    ),
    retryLever('budget', 'Most retries in percent of the requests.', 100, 'percent', 'none', (value) => ({
      budget: value / 100,
    })),
    workersLever(2),
    RESTART_LEVER,
  ],
  goal: {
    text:
      `Whenever the price service has stood still, ${HEALED_S} s after that began at most one in twenty requests fails, and ` +
      `nine of ten take less than ${LIMIT_MS / 1000} s, at unchanged load.`,
    judge: judgeHealing,
    facts: (stage) => Promise.resolve(sinceStall(stage)),
  },
  late: { price: LIMIT_MS },
  questions: [
    {
      id: 'load',
      text: 'What keeps the price service busy now?',
      choices: [
        'more customers than usual',
        'requests that clients try again',
        'the hiccup, which goes on',
        'a slow network',
      ],
      right: 'requests that clients try again',
      why: 'Each customer’s request is sent four times. The first three have failed only because the service was busy with others of that kind.',
    },
    {
      id: 'cause',
      text: 'Why does none of that work bring an answer to anybody?',
      choices: [
        'the price service answers with errors',
        'each call waits in the queue until its client has given up',
        'the workers are blocked',
        'answers are lost on the way',
      ],
      right: 'each call waits in the queue until its client has given up',
      why: 'The queue is longer than the deadline. Whatever is served was given up before, and sent again behind the others.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'CPU of the workers',
        'requests a second at the server against what customers ask for',
        'event loop delay',
        'restarts',
      ],
      right: 'requests a second at the server against what customers ask for',
      why: 'The server sees several times as many requests as there are customers’ requests, and answers none of them in time.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if the price service were merely too slow for the load?',
      choices: [
        'the same, also right after a restart',
        'no retries',
        'the same after each hiccup only',
        'idle places at the price service',
      ],
      right: 'the same, also right after a restart',
      why: 'A restart empties the queue. Here the service keeps up after that, until the next hiccup.',
    },
  ],
  hints: [
    'Compare the requests a second that the server gets with those that customers ask for.',
    'Work that nobody waits for any more keeps the service from work that somebody waits for. What makes that work, and what lets it wait for so long?',
    'A queue that is shorter than the deadline (lever `bound`), or far fewer retries (levers `budget`, `retries`) and a queue that is emptied once (lever `restart`).',
  ],
  debrief: {
    fault:
      'The price service stood still for three seconds. Requests timed out and were sent again, up to four times; the queue grew longer than the deadline, and stayed so.',
    showed: [
      'Requests a second at the server: a multiple of what customers ask for. Answers in time: none.',
      'Dependency duration: far above the deadline of the clients, while each call takes 50 ms once its turn has come.',
      'CPU and event loops of the workers: nothing special.',
    ],
    reference: {
      pulls: [{ lever: 'bound', value: '10' }],
      why: 'Two workers with ten calls each: the last in the queue waits for a quarter of a second. What would wait longer is refused at once, costs nothing, and leaves the places to calls that are still in time.',
    },
    other: {
      pulls: [{ lever: 'budget', value: '10' }, { lever: 'restart' }],
      why: 'With one retry for ten requests the load never rises above what the service can do, so that it catches up after a hiccup; the restart empties the queue that is there already.',
    },
    wrongTurn: {
      pulls: [{ lever: 'restart' }],
      why: 'The queue is empty and all is well, until the next hiccup: nothing has changed about what made it last.',
    },
    alert: 'HighErrorRatio',
    alertNote:
      'The price service refuses what it has no room for. Only the rate of requests beside it says that clients make it so.',
    model:
      'None by itself: a bounded queue is what helps, e.g. FORKWISE_UPSTREAM_CALLS for calls, FORKWISE_POOL_QUEUE for a pool.',
    lesson:
      'A failure can keep itself alive after its cause is gone (a metastable failure, HotOS 2021). Queues shorter than deadlines, and retries within a budget.',
  },
}

/** A setting of how clients try again. */
function retryLever(
  id: string,
  help: string,
  max: number,
  unit: string,
  initial: string,
  retriesOf: (value: number) => Parameters<Stage['steer']>[0]['retries'] & object,
): Lever {
  return {
    id,
    help,
    value: { kind: 'number', min: 0, max, whole: true, unit },
    initial,
    pull(stage, value) {
      stage.steer({ retries: retriesOf(Number(value)) })
      return Promise.resolve(`${id} of the clients is ${value}`)
    },
  }
}

function judgeHealing(window: LedgerWindow): readonly GoalClause[] {
  if (window.facts('since').length === 0)
    return [lostAtMost(window, 'price', 0.05), quantileBelow(window, 'price', LIMIT_MS, { q: 0.9 })]
  const healed = new LedgerWindow(window.seconds.filter(({ facts }) => (facts['since'] ?? 0) >= HEALED_S))
  const struck = isStruck(window, 'the price service stood still meanwhile')
  if (healed.seconds.length === 0) return [{ ...struck, met: false, measured: 'not yet for long enough' }]
  return [struck, lostAtMost(healed, 'price', 0.05), quantileBelow(healed, 'price', LIMIT_MS, { q: 0.9 })]
}

/** When the last stall began of which nothing has been changed since, by the clock of `performance.now()`; null = not yet. */
const stalls = new WeakMap<Stage, number | null>()

/** Seconds since then, 0 where there was none yet; nothing before the fault. */
function sinceStall(stage: Stage): Readonly<Record<string, number>> {
  const stalledMs = stalls.get(stage)
  if (stalledMs === undefined) return {}
  return { since: stalledMs === null ? 0 : (performance.now() - stalledMs) / 1000 }
}

async function stallAgainAndAgain(stage: Stage): Promise<void> {
  const { signal } = stage
  stalls.set(stage, null)
  await tellDependency(stage, `places?n=${PLACES}`)
  try {
    while (!signal.aborted) {
      stalls.set(stage, null)
      if (await isLeftAlone(stage, FIRST_MS)) await stallWhileLeftAlone(stage)
    }
  } finally {
    await tellDependency(stage, 'places?n=99999')
  }
}

async function stallWhileLeftAlone(stage: Stage): Promise<void> {
  do {
    await tellDependency(stage, `places?n=${PLACES}`)
    await tellDependency(stage, `stall?ms=${STALL_MS}`)
    stalls.set(stage, performance.now())
    stage.strike(`the price service stands still for ${STALL_MS / 1000} s`)
  } while (await isLeftAlone(stage, CYCLE_MS))
}

/** Whether the server is in service for so long without being changed; false as soon as it is not. */
async function isLeftAlone(stage: Stage, forMs: number): Promise<boolean> {
  const { signal } = stage
  const server = stage.isUp ? stage.server : null
  const untilMs = performance.now() + forMs
  while (performance.now() < untilMs) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted || !stage.isSteady || stage.server !== server) return false
  }
  return true
}
