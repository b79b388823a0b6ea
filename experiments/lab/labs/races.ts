import { judge, judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { BarsPicture, LabClaim, LabLanguage, MatrixPicture } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import { durationText, listText, timesText } from '../figure-text.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import type { LabPart } from '../telling.ts'

interface Way {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  /** What the program calls it. */
  readonly way: string
  /** Increments of each thread: enough for them to meet, few enough for a part of a second. */
  readonly increments: number
}

const WAYS: readonly Way[] = [
  node('plain', 'plain ++ in shared memory', 100_000_000),
  node('await', 'await between read and write', 50_000),
  node('await-atomic', 'no await in between', 50_000),
  node('atomics', 'Atomics.add', 300_000),
  node('mutex', 'mutex', 100_000),
  node('compare-exchange', 'compare-and-exchange', 100_000),
  node('actor', 'messages to an owner (actor)', 10_000),
  node('channel', 'channel (CSP)', 1000),
  python('plain', '+= in threads', 200_000),
  python('across-a-call', 'call between read and write', 2000),
  python('lock', 'lock', 50_000),
  python('queue', 'messages to an owner', 10_000),
  python('processes', '+= in processes', 100_000),
  python('processes-lock', 'lock of processes', 10_000),
]

const SAFE: readonly string[] = ['await-atomic', 'atomics', 'mutex', 'compare-exchange', 'actor', 'channel']
const PYTHON_SAFE: readonly string[] = ['python-lock', 'python-queue', 'python-processes-lock']
const CHOICES = ['keeps all', 'loses some'] as const

/** A message costs at least this many times an atomic increment. */
const DEARER = 5

/** The claims about ways that lose updates. */
const LOSING: Readonly<Record<string, string>> = { plain: 'lost-between-threads', await: 'lost-in-one-thread' }

/** Lab 9: who loses updates, and what it costs not to. */
export const lab: Lab = {
  id: 'races',
  number: 9,
  title: 'Who loses updates?',
  source: 'Race conditions: Fluent Python, 2nd edition, chapter 19, and Forkwise’s own in Node',
  question: 'Two threads, or two tasks of one thread, add one to the same counter again and again. Who loses some?',
  asks: WAYS.filter(({ language }) => language === 'node').map(({ id, name }) => ({
    id,
    label: name,
    kind: 'choice',
    choices: CHOICES,
    claims: [LOSING[id] ?? 'none-lost'],
  })),
  misconception: 'JavaScript has no races',
  endedBy: ['lost-between-threads', 'lost-in-one-thread'],
  figures: {
    lost: { title: 'lost updates', unit: '' },
    lostPercent: { title: 'lost updates', unit: '%' },
    nsPerIncrement: { title: 'an increment', unit: 'ns' },
  },
  change: {
    name: 'threads',
    help: 'Threads, processes or tasks that count.',
    schema: { type: 'integer', minimum: 1, maximum: 16 },
    default: 2,
    example: 1,
  },
  extent: { quick: { repeats: 3, expectedS: 18 }, full: { repeats: 7, expectedS: 42 } },
  timelessClaims: ['lost-between-threads', 'lost-in-one-thread', 'none-lost', 'lost-in-python', 'none-lost-in-python'],
  programs: ['races-node.ts', 'races-python.py'],
  cases: ({ change }) => WAYS.map((way) => wayCase(way, Number(change))),
  outcomes: ({ figures }) =>
    Object.fromEntries(WAYS.flatMap(({ id, language }) => (language === 'node' ? [[id, outcomeOf(figures, id)]] : []))),
  claims: ({ figures }) => [
    losesClaim(figures, 'lost-between-threads', 'plain', 'Threads that add with ++ to shared memory lose updates.'),
    losesClaim(
      figures,
      'lost-in-one-thread',
      'await',
      'Tasks of one thread that await between reading and writing lose updates.',
    ),
    keepsClaim(figures, 'none-lost', SAFE),
    dearerClaim(figures),
    ...(figures.cell('python-plain') === null
      ? []
      : [
          losesClaim(
            figures,
            'lost-in-python',
            'python-across-a-call',
            'Threads of Python that call something between reading and writing lose updates.',
          ),
          keepsClaim(figures, 'none-lost-in-python', PYTHON_SAFE),
        ]),
  ],
  explain,
  pictures: ({ figures }) => [losses(figures), costs(figures)],
  servers: {
    text: 'A handler that reads a record, awaits something and writes the record back loses updates in a single process; a second process adds races of its own.',
    line: 'npx forkwise serve cluster --workers 4',
  },
}

function node(way: string, name: string, increments: number): Way {
  return { id: way, way, name, language: 'node', increments }
}

function python(way: string, name: string, increments: number): Way {
  return { id: `python-${way}`, way, name, language: 'python', increments }
}

function wayCase({ id, name, language, way, increments }: Way, threads: number): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context) => {
      const program = language === 'node' ? 'races-node.ts' : 'races-python.py'
      const { result, events } = await context.run(program, { way, threads, increments }, { limitS: 30 })
      const [expected, lost, nsPerIncrement] = ['expected', 'lost', 'nsPerIncrement'].map((key) => Number(result[key]))
      return {
        figures: {
          lost: lost ?? 0,
          lostPercent: (100 * (lost ?? 0)) / (expected ?? 1),
          nsPerIncrement: nsPerIncrement ?? 0,
        },
        events,
      }
    },
  }
}

function outcomeOf(figures: LabFigures, id: string): string | null {
  const lost = figures.of(id, 'lost')
  return lost === null ? null : lost.values.some((count) => count > 0) ? CHOICES[1] : CHOICES[0]
}

/** A race that shows in one run of several is there: threads that never meet lose nothing. */
function losesClaim(figures: LabFigures, id: string, way: string, says: string): LabClaim {
  const lost = figures.of(way, 'lost')?.values ?? []
  return {
    id,
    outcome: lost.length === 0 ? 'undecided' : judgeSeen([lost.some((count) => count > 0)]),
    sentence: `${says} Here ${lostText(figures, way)} of them were lost.`,
  }
}

function keepsClaim(figures: LabFigures, id: string, ways: readonly string[]): LabClaim {
  const lost = figures.valuesOf(ways, 'lost')
  return {
    id,
    outcome: judgeSeen(lost.map((count) => count === 0)),
    sentence: `Nothing is lost with ${listText(ways.map((way) => nameOf(figures, way)))}. Here ${lost.length === 0 ? 'not all of these were measured' : `it was ${lost.reduce((sum, count) => sum + count, 0)} updates in ${lost.length} runs`}.`,
  }
}

function dearerClaim(figures: LabFigures): LabClaim {
  const ratio = figures.ratio('actor', 'atomics', 'nsPerIncrement')
  return {
    id: 'messages-are-dearer',
    outcome: judge(ratio, { above: DEARER }),
    sentence: `A message to an owner is more than ${DEARER} times as dear as Atomics.add. Here an increment by message took ${timesText(ratio)} as long.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const cost = (way: string): string => durationText(figures.of(way, 'nsPerIncrement'), 1e-9)
  return [
    {
      measured: `Threads that add to shared memory without more lost ${lostText(figures, 'plain')} of their updates`,
      so: 'each reads, adds and writes, and the other writes in between',
      claims: ['lost-between-threads'],
    },
    {
      measured: `A single thread lost ${lostText(figures, 'await')} where it awaited something between reading and writing`,
      so: 'there are races without a second thread',
      claims: ['lost-in-one-thread'],
    },
    {
      measured: `An increment took ${cost('plain')} without any care, ${cost('atomics')} with Atomics.add, ${cost('mutex')} with a mutex, ${cost('compare-exchange')} by swapping snapshots, ${cost('actor')} as a message to the owner and ${cost('channel')} through a channel that waits until it is taken`,
      so: 'all of these but the first lose nothing, and messages are the dearest of them',
      claims: ['none-lost', 'messages-are-dearer'],
    },
    ...(figures.cell('python-plain') === null
      ? []
      : [
          {
            measured: `In Python, += in threads lost ${lostText(figures, 'python-plain')}, and with a call between reading and writing ${lostText(figures, 'python-across-a-call')}`,
            so: 'the lock of the interpreter protects the interpreter, not the program',
            claims: ['lost-in-python'],
          },
        ]),
  ]
}

function losses({ cells }: LabFigures): MatrixPicture {
  return {
    kind: 'matrix',
    id: 'lost',
    title: 'What became of the updates',
    note: 'Each line is a way to count: which share of its updates the end value lacks, in the middle, at least and at most of all runs.',
    columns: ['lost', 'least', 'most'],
    rows: cells.flatMap(({ language, name, figures }) => {
      const percent = figures['lostPercent']
      if (percent === undefined) return []
      const { values, estimate } = percent
      const tone = values.some((lost) => lost > 0) ? ('bad' as const) : ('good' as const)
      return [
        {
          name,
          group: language === 'node' ? 'Node' : 'Python',
          cells: [estimate, Math.min(...values), Math.max(...values)].map((lost) => ({
            text: `${formatCount(lost)} %`,
            tone,
          })),
        },
      ]
    }),
  }
}

function costs({ cells }: LabFigures): BarsPicture {
  return {
    kind: 'bars',
    id: 'cost',
    title: 'What an increment costs',
    note: 'Time of all increments divided by their number, threads at work at the same time; with 95 % intervals.',
    unit: 'ns',
    log: true,
    bars: cells.flatMap(({ language, name, figures }) => {
      const ns = figures['nsPerIncrement']
      const group = language === 'node' ? 'Node' : 'Python'
      return ns === undefined ? [] : [{ name, group, value: ns.estimate, low: ns.low, high: ns.high, predicted: null }]
    }),
  }
}

function nameOf(figures: LabFigures, way: string): string {
  return figures.cell(way)?.name ?? way
}

function lostText(figures: LabFigures, way: string): string {
  const percent = figures.of(way, 'lostPercent')
  return percent === null ? 'an unknown share' : `${formatCount(percent.estimate)} %`
}
