import { judge } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { BarsPicture, LabClaim, LabLanguage } from '../../../core/lab-record.ts'
import { formatBytes } from '../../../core/quantities.ts'
import { durationText, timesText } from '../figure-text.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import { type LabPart, withArticle } from '../telling.ts'

interface Kind {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  readonly what: string
  /** Started and ended one after the other, to be timed. */
  readonly times: number
  /** Kept at once, to be weighed; null where the reader says how many. */
  readonly keep: number | null
}

const KINDS: readonly Kind[] = [
  { id: 'process', name: 'process', language: 'node', what: 'process', times: 4, keep: null },
  { id: 'thread', name: 'worker thread', language: 'node', what: 'thread', times: 5, keep: null },
  { id: 'promise', name: 'async call', language: 'node', what: 'promise', times: 100_000, keep: 100_000 },
  { id: 'python-process', name: 'process', language: 'python', what: 'process', times: 4, keep: null },
  { id: 'python-thread', name: 'thread', language: 'python', what: 'thread', times: 200, keep: 100 },
  { id: 'python-coroutine', name: 'task', language: 'python', what: 'coroutine', times: 10_000, keep: 20_000 },
  { id: 'python-generator', name: 'generator', language: 'python', what: 'generator', times: 100_000, keep: 50_000 },
]

/** Lab 14: what it takes to start and to keep a process, a thread, a promise. */
export const lab: Lab = {
  id: 'start-cost',
  number: 14,
  title: 'What does a thread cost?',
  source: 'Fluent Python, 2nd edition, chapter 19: processes, threads and coroutines',
  question:
    'A process, a worker thread and a call of an async function that does nothing: how many of the last can be started in the time of one thread?',
  asks: [
    {
      id: 'calls',
      label: 'async calls in the time of one worker thread',
      asked: 'how many async calls take the time of one worker thread',
      kind: 'number',
      unit: '',
      within: 10,
      claims: ['thread-and-promise'],
    },
  ],
  misconception: 'threads are light',
  endedBy: ['thread-and-promise', 'thread-keeps-more'],
  figures: {
    us: { title: 'to start and end', unit: 'µs' },
    bytes: { title: 'to keep', unit: 'B' },
  },
  change: {
    name: 'keep',
    help: 'Processes and worker threads that are kept at once, to be weighed; a hundred processes of Node take some GiB.',
    schema: { type: 'integer', minimum: 1, maximum: 100 },
    default: 4,
    example: 20,
  },
  extent: { quick: { repeats: 3, expectedS: 15 }, full: { repeats: 9, expectedS: 45 } },
  programs: ['start-cost-node.ts', 'start-cost-python.py'],
  cases: ({ change }) => KINDS.map((kind) => kindCase(kind, Number(change))),
  outcomes: ({ figures }) => ({ calls: figures.ratio('thread', 'promise', 'us')?.estimate ?? null }),
  claims: ({ figures }) => [
    dearer(figures, 'thread-and-promise', 'thread', 'promise', 'us', 1000),
    dearer(figures, 'process-and-promise', 'process', 'promise', 'us', 1000),
    dearer(figures, 'thread-keeps-more', 'thread', 'promise', 'bytes', 1000),
    ...(figures.cell('python-thread') === null
      ? []
      : [
          dearer(figures, 'threads-of-node-are-dearer', 'thread', 'python-thread', 'us', 10),
          dearer(figures, 'thread-and-generator', 'python-thread', 'python-generator', 'us', 10),
        ]),
  ],
  explain,
  pictures: ({ figures }) => [
    bars(figures, 'us', 'Time to start and end one', 'µs'),
    bars(figures, 'bytes', 'Memory to keep one', 'B'),
  ],
  servers: {
    text: 'A thread for each request pays this price every time; a pool pays it once.',
    line: 'npx forkwise compare --models single,thread-per-request,worker-pool --workloads cpu --quick',
  },
}

function kindCase({ id, name, language, what, times, keep }: Kind, asked: number): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context) => {
      const argument = { what, times, keep: keep ?? asked }
      const program = language === 'node' ? 'start-cost-node.ts' : 'start-cost-python.py'
      const { result } = await context.run(program, argument, {
        limitS: 60,
        ...(language === 'node' ? { nodeOptions: ['--expose-gc'] } : {}),
      })
      const [us, bytes] = [Number(result['us']), Number(result['bytes'])]
      // Memory is told by Linux only, and a few small things may fit into what was there.
      return { figures: { us, ...(bytes > 0 ? { bytes } : {}) } }
    },
  }
}

function dearer(
  figures: LabFigures,
  id: string,
  what: string,
  than: string,
  key: 'us' | 'bytes',
  above: number,
): LabClaim {
  const ratio = figures.ratio(what, than, key)
  const factor = `more than ${above.toLocaleString('en')} times as`
  return {
    id,
    outcome: judge(ratio, { above }),
    sentence:
      key === 'us'
        ? `To start and end ${withArticle(nameOf(what))} takes ${factor} long as ${withArticle(nameOf(than))}. Here it took ${timesText(ratio)} as long.`
        : `To keep ${withArticle(nameOf(what))} takes ${factor} much memory as ${withArticle(nameOf(than))}. Here it took ${timesText(ratio)} as much.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const cost = (id: string): string => {
    const bytes = figures.of(id, 'bytes')
    return `${durationText(figures.of(id, 'us'), 1e-6)}${bytes === null ? '' : ` and ${formatBytes(bytes.estimate)}`}`
  }
  return [
    {
      measured: `In Node, a process took ${cost('process')}, a worker thread ${cost('thread')}, and a call of an async function ${cost('promise')}`,
      so: 'a worker thread brings an engine and an event loop of its own',
      claims: ['thread-and-promise', 'process-and-promise', 'thread-keeps-more'],
    },
    ...(figures.cell('python-thread') === null
      ? []
      : [
          {
            measured: `In Python, a process took ${cost('python-process')}, a thread ${cost('python-thread')}, a task ${cost('python-coroutine')} and a generator ${cost('python-generator')}`,
            so: 'a thread of Python shares its interpreter, and is light beside one of Node and heavy beside a generator',
            claims: ['threads-of-node-are-dearer', 'thread-and-generator'],
          },
        ]),
  ]
}

function bars({ cells }: LabFigures, key: 'us' | 'bytes', title: string, unit: string): BarsPicture {
  return {
    kind: 'bars',
    id: key,
    title,
    note: 'The medians, with their 95 % intervals.',
    unit,
    log: true,
    bars: cells.flatMap(({ name, language, figures }) => {
      const figure = figures[key]
      const group = language === 'node' ? 'Node' : 'Python'
      if (figure === undefined) return []
      return [{ name, group, value: figure.estimate, low: figure.low, high: figure.high, predicted: null }]
    }),
  }
}

function nameOf(id: string): string {
  const kind = KINDS.find((each) => each.id === id)
  return `${kind?.name ?? id} of ${kind?.language === 'python' ? 'Python' : 'Node'}`
}
