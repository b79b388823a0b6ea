import { atMostTimesMean, factAtLeast, lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { untilAborted } from '../../../core/abort.ts'
import type { WorkloadRequest } from '../../../core/load.ts'
import { scrapeRequestCounts } from '../../../loadtest/scrape.ts'
import type { Drill, Lever, Stage } from '../drill.ts'
import { lackOfModel } from '../lack.ts'
import { modelLever, RELOAD_LEVER, RESTART_LEVER, workersLever } from '../levers.ts'

const WORKERS = 4

/** Connections of the gateway: with fewer than there are workers, one gets twice the mean or more, however they fall. */
const CONNECTIONS = 2

/** Most requests of the busiest worker as a multiple of the mean: from there on the alert fires. */
const MOST_TIMES_MEAN = 1.5

/** Goal for the 99th percentile, in ms: what a bad fix would cost. */
const LIMIT_MS = 1000

/** Counters of answered requests among the facts, by worker. */
const ANSWERED = 'answered:'

const REQUEST: WorkloadRequest = {
  route: 'mixed',
  method: 'GET',
  path: '/mixed?ms=5&n=10000000019',
  weight: 1,
  expectStatus: 200,
}

export const drill: Drill = {
  id: 'imbalance',
  number: 5,
  title: 'Four workers, and the strength of one',
  level: 2,
  minutes: 12,
  page:
    'A partner writes: “We have moved to your service with our new gateway. Whenever we send several requests at once, some take ' +
    'longer than your load test had let us expect.” In that test the same four workers had enough for twice as much. Half of the ' +
    'machine is idle, and no request fails.',
  server: { model: 'reuse-port', workers: WORKERS },
  loads: [
    {
      requests: [REQUEST],
      ratePerS: 20,
      arrivals: 'poisson',
      timeoutS: 10,
      maxConnections: 256,
      requestsPerConnection: 1,
    },
  ],
  fault: {
    text: `A gateway began to send 80 requests a second over ${CONNECTIONS} connections that it keeps.`,
    async run(stage) {
      stage.drive({
        requests: [REQUEST],
        ratePerS: 80,
        arrivals: 'poisson',
        timeoutS: 10,
        maxConnections: CONNECTIONS,
        minConnections: CONNECTIONS,
      })
      await untilAborted(stage.signal)
    },
  },
  levers: [
    workersLever(WORKERS),
    modelLever(['reuse-port', 'cluster', 'nginx-fork-least']),
    connectionsOfGateway(),
    requestsPerConnection(),
    RELOAD_LEVER,
    RESTART_LEVER,
  ],
  goal: {
    text: `The busiest worker answers at most ${MOST_TIMES_MEAN} times the mean of at least ${WORKERS} workers, the 99th percentile of mixed is below ${LIMIT_MS} ms, and every request is answered as expected.`,
    judge: (window) => [
      atMostTimesMean(window, ANSWERED, MOST_TIMES_MEAN, {
        id: 'share',
        text: `the busiest worker answers at most ${MOST_TIMES_MEAN} times the mean`,
      }),
      factAtLeast(window, 'workers', WORKERS, `at least ${WORKERS} workers`),
      quantileBelow(window, 'mixed', LIMIT_MS),
      lostAtMost(window, 'mixed', 0),
    ],
    facts: answeredByWorker,
  },
  late: { mixed: 100 },
  questions: [
    {
      id: 'unit',
      text: 'Which unit is in trouble?',
      choices: ['one or two of the four workers', 'all four workers alike', 'the supervisor', 'the dependency'],
      right: 'one or two of the four workers',
      why: 'Requests per second of each worker: one or two answer nearly everything, the others next to nothing.',
    },
    {
      id: 'cause',
      text: 'What is the cause?',
      choices: [
        'there are too few workers',
        'a few connections that are kept carry nearly all requests',
        'the kernel prefers the worker that was started first',
        'one worker is slower than the others',
      ],
      right: 'a few connections that are kept carry nearly all requests',
      why: 'Connections are dealt to workers, requests are not: whatever comes over a connection goes to the worker that has it.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'requests per second of each worker, beside connections opened per second',
        'requests per second of the whole server',
        'the CPU of the machine',
        'the rate of 5xx answers',
      ],
      right: 'requests per second of each worker, beside connections opened per second',
      why: 'The sum of all workers is what it should be; only the shares are not.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if the four workers were too few instead?',
      choices: ['all four busy to the same degree', 'the same picture', 'one worker restarting', 'connections refused'],
      right: 'all four busy to the same degree',
      why: 'A shortage hits all alike. Here some workers have nothing to do.',
    },
  ],
  hints: [
    'Look at each worker by itself: requests per second, or `curl` the metrics of each unit twice and compare `http_server_request_duration_seconds_count`.',
    'One or two workers answer nearly everything. Look at how many connections there are (`ss -tn`), how long they last, and who deals them.',
    'The kernel deals connections by a hash, and the gateway keeps two. Have it close them after some requests (`requests-per-connection`) or keep many (`connections`), or deal requests instead of connections (`model nginx-fork-least`).',
  ],
  debrief: {
    fault: `A gateway sent four requests of five over ${CONNECTIONS} connections that it kept, and the kernel had dealt them to one or two of four workers for good.`,
    showed: [
      'Workers: one or two with nearly all requests, the busiest with two to four times the mean.',
      'The whole server: the rate that it should have, no errors, the CPU of the machine as before.',
      '`ss -tn`: two connections that stay, with the same ports for minutes.',
    ],
    reference: {
      pulls: [{ lever: 'requests-per-connection', value: '1' }],
      why: 'Each connection that is opened is dealt anew, so that the shares even out over hundreds of them. One request each costs a handshake every time; ten or a hundred do as well where there are many requests.',
    },
    other: {
      pulls: [{ lever: 'model', value: 'nginx-fork-least' }],
      why: 'A proxy deals requests, each to the worker with the fewest under way, however few connections clients have. It costs a proxy. Many connections used in turn (`connections 300`) even the shares out as well.',
    },
    wrongTurn: {
      pulls: [{ lever: 'workers', value: '6' }],
      why: 'Two connections are still with two workers at most: more workers only means more of them with nothing to do.',
    },
    alert: 'WorkerImbalance',
    alertNote: 'It compares the busiest worker with the mean of all that are up, idle ones included.',
    model:
      'nginx-fork-least: npx forkwise compare --models reuse-port,nginx-fork-least --workloads mixed --quick. With many connections there is no problem under any model.',
    lesson: 'Connections are dealt, not requests. With few of them, look at shares before you look at sums.',
  },
  lacks: async () => lackOfModel('reuse-port'),
}

async function answeredByWorker(stage: Stage): Promise<Readonly<Record<string, number>>> {
  const workers = (await stage.units()).filter(({ role }) => role === 'worker')
  const counts = await scrapeRequestCounts(workers)
  return {
    workers: workers.length,
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${ANSWERED}${name}`, count])),
  }
}

function connectionsOfGateway(): Lever {
  return {
    id: 'connections',
    help: 'Connections that the gateway of the partner opens before it uses one again, and keeps.',
    value: { kind: 'number', min: 1, max: 512, whole: true, unit: 'connections' },
    initial: String(CONNECTIONS),
    pull(stage, value) {
      const connections = Number(value)
      stage.steer({ minConnections: connections, maxConnections: connections })
      return Promise.resolve(`clients open ${value} connections and use them in turn`)
    },
  }
}

function requestsPerConnection(): Lever {
  return {
    id: 'requests-per-connection',
    help: 'Requests after which the gateway closes a connection and opens another one; 0 = it keeps it.',
    value: { kind: 'number', min: 0, max: 1_000_000, whole: true, unit: 'requests' },
    initial: '0',
    pull(stage, value) {
      stage.steer({ requestsPerConnection: Number(value) || null })
      return Promise.resolve(
        value === '0' ? 'clients keep their connections' : `clients close a connection after ${value} requests`,
      )
    },
  }
}
