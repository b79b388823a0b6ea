import { growthPerRequestAtMost, factAtMost, lostAtMost, quantileBelow } from '../../../analysis/drill/clauses.ts'
import { CACHE_ENTRIES, CACHE_ENTRIES_VARIABLE } from '../../../cluster/faults/cache-size.ts'
import { untilAborted } from '../../../core/abort.ts'
import type { Drill, Lever, Stage } from '../drill.ts'
import { RELOAD_LEVER, RESTART_LEVER, variableLever, workersLever } from '../levers.ts'

/** Heap limit of a worker at first, in MB: a little more than the cache and the app need. */
const HEAP_MB = 100

/** What all workers together may have in memory, in MB. */
const BUDGET_MB = 500

/** Goal for the CPU of a request, in ms. */
const MOST_CPU_MS = 6

/** Goal for the 99th percentile, in ms: what a bad fix would cost. */
const LIMIT_MS = 1000

const MB = 1e6

export const drill: Drill = {
  id: 'gc-pressure',
  number: 11,
  title: 'The same work costs ten times as much',
  level: 2,
  minutes: 15,
  page:
    'The bill came, and a colleague asks: “Why do the workers of this service need so much CPU since Tuesday? The requests are the ' +
    'same, and there are no more of them.” Customers say that pages stutter: most are fast, some take a fifth of a second. No ' +
    'request fails, and memory is far below what the machine has.',
  server: { model: 'cluster', workers: 2, preloads: ['cache'], nodeOptions: nodeOptions(String(HEAP_MB), '16') },
  loads: [
    {
      requests: [{ route: 'io', method: 'GET', path: '/io/sleep?ms=10', weight: 1, expectStatus: 200 }],
      ratePerS: 60,
      arrivals: 'poisson',
      timeoutS: 10,
      maxConnections: 256,
    },
  ],
  fault: {
    text: `A new version came that keeps what it has read in a cache of ${CACHE_ENTRIES} entries, some 70 MB, in workers whose heap may have ${HEAP_MB} MB.`,
    async run(stage) {
      stage.switchOn('cache')
      await untilAborted(stage.signal)
    },
  },
  levers: [
    workersLever(2),
    nodeLever(
      'heap',
      `Limit of the heap of each worker (--max-old-space-size): deployed to all workers, one after the other.`,
      HEAP_MB,
      64,
      512,
    ),
    nodeLever(
      'semi-space',
      'Largest half of the young generation (--max-semi-space-size): deployed likewise.',
      16,
      1,
      64,
    ),
    variableLever(
      {
        id: 'cache-entries',
        help: 'Most entries of the cache of each worker: deployed likewise.',
        value: { kind: 'number', min: 1, max: 1000, whole: true, unit: 'entries' },
        initial: String(CACHE_ENTRIES),
      },
      CACHE_ENTRIES_VARIABLE,
    ),
    RELOAD_LEVER,
    RESTART_LEVER,
  ],
  goal: {
    text: `A request costs at most ${MOST_CPU_MS} ms of CPU, all workers together have at most ${BUDGET_MB} MB in memory, the 99th percentile of io is below ${LIMIT_MS} ms, and every request is answered as expected.`,
    judge: (window) => [
      growthPerRequestAtMost(window, 'cpu-ms:', MOST_CPU_MS, {
        id: 'cpu',
        text: `at most ${MOST_CPU_MS} ms of CPU a request`,
        unit: 'ms',
      }),
      factAtMost(window, 'memory', BUDGET_MB, `all workers together in at most ${BUDGET_MB} MB`, 'MB'),
      quantileBelow(window, 'io', LIMIT_MS),
      lostAtMost(window, 'io', 0),
    ],
    facts: workersUse,
  },
  late: { io: 100 },
  questions: [
    {
      id: 'unit',
      text: 'Which unit is in trouble?',
      choices: ['every worker', 'one worker at a time', 'the supervisor', 'the load generator'],
      right: 'every worker',
      why: 'All workers run the same version with the same limit, and each spends its CPU on the same thing.',
    },
    {
      id: 'cause',
      text: 'What is the cause?',
      choices: [
        'the requests compute more than they did',
        'there are too few workers',
        'the heap is hardly larger than what is kept on it',
        'memory leaks',
      ],
      right: 'the heap is hardly larger than what is kept on it',
      why: 'Each collection frees little, since nearly everything is in use, and the next one is due at once.',
    },
    {
      id: 'series',
      text: 'Which series shows it?',
      choices: [
        'the time that garbage collection takes, and heap in use against its limit',
        'requests per second',
        'resident memory of the machine',
        'the mean latency',
      ],
      right: 'the time that garbage collection takes, and heap in use against its limit',
      why: '`nodejs_gc_duration_seconds` grows by a tenth of a second and more each second, and the heap is full to its limit.',
    },
    {
      id: 'otherwise',
      text: 'What would you see if memory leaked instead?',
      choices: [
        'a heap that grows until the worker dies',
        'the same picture',
        'latency up on one worker only',
        'a heap that gets smaller',
      ],
      right: 'a heap that grows until the worker dies',
      why: 'The cache has a bound, and the heap stays at one level. It is the limit that is too near.',
    },
  ],
  hints: [
    'CPU for each request has multiplied while the requests are the same: look at what else runs in a worker. `curl` its metrics and look for what has `gc` and `heap` in its name.',
    'Garbage is collected all the time, and hardly anything is freed: the heap in use is at its limit. What is kept there, and who set the limit?',
    'Either the limit rises (`heap`, within the budget for memory), or less is kept (`cache-entries`). More workers only keep more copies.',
  ],
  debrief: {
    fault: `A new version kept some 70 MB in a cache, in workers whose heap was limited to ${HEAP_MB} MB.`,
    showed: [
      'CPU for each request: from one millisecond to ten and more. Requests and errors: as before.',
      'Garbage collection: more than a tenth of the time, and as much again in threads beside the event loop.',
      'Heap in use: at its limit, level. Latency: p99 some hundred milliseconds, since the loop stands still meanwhile.',
    ],
    reference: {
      pulls: [
        { lever: 'workers', value: '2' },
        { lever: 'heap', value: '192' },
      ],
      why: 'With as much room again as what is kept, a collection is rare and frees much. Two workers of that size are within the budget.',
    },
    other: {
      pulls: [{ lever: 'cache-entries', value: '60' }],
      why: 'A fifth of the entries leaves most of the heap free, at the price of more misses: that is for those to decide who know what they cost.',
    },
    wrongTurn: {
      pulls: [{ lever: 'workers', value: '4' }],
      why: 'Each worker keeps the whole cache: four of them need twice the memory, over the budget, and collect as hard as two did.',
    },
    alert: 'GarbageCollectionHeavy',
    alertNote: 'It counts the pauses of each worker; what the collector does in threads beside it shows only as CPU.',
    model:
      'No model is without it: each process has its own heap and keeps its own copy. One process with a pool of threads (worker-pool) keeps one copy: npx forkwise serve worker-pool',
    lesson: 'A collection costs what is kept, not what is thrown away. Leave a heap twice what it has to hold.',
  },
}

async function workersUse(stage: Stage): Promise<Readonly<Record<string, number>>> {
  const workers = (await stage.server.usage()).filter(({ role }) => role === 'worker')
  return {
    memory: workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / MB,
    ...Object.fromEntries(workers.map(({ name, pid, cpuS }) => [`cpu-ms:${name}/${pid}`, cpuS * 1000])),
  }
}

function nodeOptions(heapMb: string, semiSpaceMb: string): string {
  return `--max-old-space-size=${heapMb} --max-semi-space-size=${semiSpaceMb}`
}

/** A limit of Node's memory, for which all workers are replaced; the other limit stays. */
function nodeLever(id: 'heap' | 'semi-space', help: string, initial: number, min: number, max: number): Lever {
  return {
    id,
    help,
    value: { kind: 'number', min, max, whole: true, unit: 'MB' },
    initial: String(initial),
    async pull(stage, value) {
      const limits = {
        heap: stage.levers.get('heap') ?? '',
        'semi-space': stage.levers.get('semi-space') ?? '',
        [id]: value,
      }
      await stage.change({ environment: stage.nodeVariables(nodeOptions(limits.heap, limits['semi-space'])) })
      return `every worker was replaced by one with ${id} ${value} MB`
    },
  }
}
