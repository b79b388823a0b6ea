import { setTimeout as sleep } from 'node:timers/promises'
import { factWithin, isStruck, lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { signalProcess } from '../../../cluster/census.ts'
import { METRICS } from '../../../core/metrics.ts'
import { deriveSeed, seededRandom } from '../../../core/random.ts'
import { onPath } from '../../../loadtest/observation/prometheus.ts'
import type { Drill, DrillLoad, Stage } from '../drill.ts'
import { RELOAD_LEVER, RESTART_LEVER } from '../levers.ts'
import { Monitoring, type Scraping } from '../monitoring.ts'

/** Requests per second before the fault, which the right expression shows for that time. */
const BEFORE_PER_S = 50

/** Requests per second that come with the fault, at least, and up to how many more: no constant is right before and after. */
const MORE_PER_S = 90
const DRAWN_PER_S = 40

/** Most that the figure may be off: a worker that starts is missing for a moment, a wrong expression is off by half and more. */
const SHARE = 0.3

/** Seconds between two restarts of a worker. */
const RESTART_S = 5

const COUNT = `${METRICS.requestDuration.name}_count`
const RIGHT = `sum(rate(${COUNT}[6s]))`

/** The monitoring of each drill that runs, and the instant before its fault on which expressions are tried. */
const monitorings = new WeakMap<Stage, { readonly monitoring: Monitoring; beforeMs: number | null }>()

export const drill: Drill = {
  id: 'lying-counter',
  number: 12,
  title: 'More requests than anybody sends',
  level: 2,
  minutes: 20,
  page:
    'A manager writes: “The dashboard says that we answer several hundred requests a second, more than twice what we sold. Are we ' +
    'rich, or is the picture wrong?” Customers have noticed nothing, no request fails, and the load balancer, whose bill came today, ' +
    'has counted much fewer.',
  server: { model: 'cluster', workers: 3 },
  loads: [load(BEFORE_PER_S)],
  async prepare(stage) {
    const monitoring = await Monitoring.start(stage)
    monitorings.set(stage, { monitoring, beforeMs: null })
    return () => monitoring.end()
  },
  fault: {
    text: `Prometheus was told to read one address behind which whichever worker answers, more requests came, and a worker was restarted every ${RESTART_S} s.`,
    async run(stage) {
      const watched = watchedOf(stage)
      watched.beforeMs = Date.now() - 1000
      scrape(stage, 'shared')
      const drawn = Math.floor(DRAWN_PER_S * seededRandom(deriveSeed(stage.seed, 'more'))())
      stage.drive(load(MORE_PER_S + drawn))
      for (let turn = 0; ; turn++) {
        await sleep(RESTART_S * 1000, undefined, { signal: stage.signal })
        await restartOne(stage, turn)
      }
    },
  },
  levers: [
    {
      id: 'scrape',
      help: 'What Prometheus reads: each worker by itself, or one address behind which whichever worker answers.',
      value: { kind: 'choice', choices: ['each', 'shared'] },
      initial: 'each',
      pull(stage, value) {
        scrape(stage, value as Scraping)
        return Promise.resolve(
          value === 'each' ? 'Prometheus reads each worker by itself' : 'Prometheus reads one address for all',
        )
      },
    },
    {
      id: 'query',
      help: 'The expression behind “requests per second” on the dashboard (PromQL, in quotes).',
      value: { kind: 'text', what: 'an expression that gives one number' },
      initial: RIGHT,
      async pull(stage, value) {
        await watchedOf(stage).monitoring.check(value)
        return `the dashboard shows ${value}`
      },
    },
    RELOAD_LEVER,
    RESTART_LEVER,
  ],
  goal: {
    text: `The figure on the dashboard is within ${SHARE * 100} % of what the clients count in every second, while workers are restarted, the same expression shows ${BEFORE_PER_S}/s for a moment before the incident, and every request is answered as expected.`,
    judge: (window) => [
      factWithin(
        window,
        'shown',
        { expected: window.ended('io') / Math.max(1, window.seconds.length), share: SHARE },
        `requests per second on the dashboard within ${SHARE * 100} %`,
      ),
      factWithin(
        window,
        'shown-before',
        { expected: BEFORE_PER_S, share: SHARE },
        'the same expression before the incident',
      ),
      ...(window.facts('struck').includes(1) ? [isStruck(window, 'a worker was restarted meanwhile')] : []),
      quantileBelow(window, 'io', 1000),
      lostAtMost(window, 'io', 0.01),
    ],
    facts: shown,
  },
  late: { io: 500 },
  questions: [
    {
      id: 'unit',
      text: 'What is wrong?',
      choices: [
        'the server: it answers twice',
        'the clients: they ask too often',
        'what is read, and how it is put together',
        'the clock of the machine',
      ],
      right: 'what is read, and how it is put together',
      why: 'The clients count a few hundred requests, each answered once. Only the dashboard has more.',
    },
    {
      id: 'cause',
      text: 'What is the cause?',
      choices: [
        'counters of different workers are taken for one that is reset again and again',
        'the counters overflow',
        'each request is counted by all workers',
        'Prometheus reads too seldom',
      ],
      right: 'counters of different workers are taken for one that is reset again and again',
      why: 'Behind one address another worker answers each time. Whenever its counter is below the last one, rate() takes that for a reset and adds all of it.',
    },
    {
      id: 'series',
      text: 'Which expression shows it?',
      choices: [
        'the raw counter over the last minute: it goes up and down',
        'up: it is 0 now and then',
        'the 99th percentile of the latency',
        'the rate over a longer time',
      ],
      right: 'the raw counter over the last minute: it goes up and down',
      why: 'A counter of one process only goes up until the process ends. `resets()` of it counts how often it did not.',
    },
    {
      id: 'otherwise',
      text: 'Why is the rate of the sum wrong where the sum of the rates is right?',
      choices: [
        'when one worker restarts the sum falls, and rate() takes all that is left of it for new',
        'it is the same, only slower',
        'rate() must not see labels',
        'a sum of counters grows too fast',
      ],
      right: 'when one worker restarts the sum falls, and rate() takes all that is left of it for new',
      why: 'rate() repairs the resets of a single counter. In a sum it cannot see which part was reset.',
    },
  ],
  hints: [
    'Ask Prometheus for the raw counter, `http_server_request_duration_seconds_count`, as a graph: how many series are there, and does each only go up?',
    'There is one series for all workers, and it jumps: somebody else answers each reading. Have each worker read by itself (`scrape each`), and look at how many series there are then.',
    'First the rate of each counter, then the sum: `sum(rate(http_server_request_duration_seconds_count[6s]))`. The other way round, every restart adds what all others have counted so far.',
  ],
  debrief: {
    fault:
      'Prometheus read one address behind which another worker answered each time, so that three counters looked like one that was reset every second; and workers were restarted now and then.',
    showed: [
      'The dashboard: several hundred a second, and never the same twice. The ledger of the clients: less than 200.',
      'The raw counter: one series, up and down. `resets(…[1m])`: tens.',
      '`ss -ltnp`: three workers, each with metrics of its own, and one more address that relays to them.',
    ],
    reference: {
      pulls: [
        { lever: 'scrape', value: 'each' },
        { lever: 'query', value: RIGHT },
      ],
      why: 'Each worker is a target of its own, and its counter a series of its own; the rate repairs each reset, and the sum comes last.',
    },
    other: {
      pulls: [
        { lever: 'scrape', value: 'each' },
        { lever: 'query', value: `sum(increase(${COUNT}[8s])) / 8` },
      ],
      why: 'increase() repairs resets as rate() does: it is the rate times the length of the range.',
    },
    wrongTurn: {
      pulls: [
        { lever: 'scrape', value: 'each' },
        { lever: 'query', value: `rate(sum(${COUNT})[6s:1s])` },
      ],
      why: 'It looks right until a worker restarts: the sum falls, and all that the others have counted so far is added as new.',
    },
    alert: null,
    alertNote:
      'the server is well, and an alert would be computed from the same wrong series. Compare with a count from outside.',
    model:
      'single, with one process and one counter; any model whose units are read one by one: npx forkwise observe cluster --workers 3',
    lesson: 'Scrape each process. Rate first, then sum. Gauges of a sum of processes need as much thought.',
  },
  lacks: () =>
    Promise.resolve(
      onPath('prometheus')
        ? null
        : { what: 'prometheus is not installed.', remedy: '`npx forkwise setup`, or `apt-get install prometheus`.' },
    ),
}

function load(ratePerS: number): DrillLoad {
  return {
    requests: [{ route: 'io', method: 'GET', path: '/io/sleep?ms=5', weight: 1, expectStatus: 200 }],
    ratePerS,
    arrivals: 'constant',
    timeoutS: 10,
    maxConnections: 256,
    requestsPerConnection: 20,
  }
}

function watchedOf(stage: Stage): { readonly monitoring: Monitoring; beforeMs: number | null } {
  const watched = monitorings.get(stage)
  if (watched === undefined) throw new Error('there is no Prometheus')
  return watched
}

function scrape(stage: Stage, how: Scraping): void {
  watchedOf(stage).monitoring.scraping = how
  stage.noteLever('scrape', how)
}

/** Restarts one worker, each in its turn; the supervisor starts another one for it. */
async function restartOne(stage: Stage, turn: number): Promise<void> {
  if (!stage.isSteady) return
  const workers = (await stage.units()).filter(({ role }) => role === 'worker')
  const worker = workers[turn % Math.max(1, workers.length)]
  if (worker === undefined) return
  signalProcess(worker.pid, 'SIGTERM')
  stage.strike(`${worker.name} was restarted`)
}

async function shown(stage: Stage): Promise<Readonly<Record<string, number>>> {
  const { monitoring, beforeMs } = watchedOf(stage)
  const query = stage.levers.get('query') ?? RIGHT
  const now = Date.now()
  const [shownNow, before] = await Promise.all([monitoring.value(query, now), monitoring.value(query, beforeMs ?? now)])
  return {
    ...(shownNow === null ? {} : { shown: shownNow }),
    ...(before === null ? {} : { 'shown-before': before }),
    ...(beforeMs === null ? {} : { struck: 1 }),
  }
}
