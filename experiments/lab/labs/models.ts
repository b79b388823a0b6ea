import { judge, judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import type { BarsPicture, GanttPicture, LabClaim, LabLanguage } from '../../../core/lab-record.ts'
import { durationText, listText, timesText } from '../figure-text.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import type { LabPart } from '../telling.ts'
import { percentText } from '../wording.ts'

interface Model {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  /** What the program calls it. */
  readonly way: string
  /** True where pieces of {@link LARGE_ITEMS} words are counted at a time. */
  readonly large: boolean
}

const WORDS = 40_000
const LARGE_ITEMS = 2000
const THREADS = 2

const MODELS: readonly Model[] = [
  node('map-reduce', 'map and reduce, one thread'),
  node('locks', 'threads and locks'),
  node('snapshots', 'immutable snapshots'),
  node('actors', 'actors'),
  node('csp', 'channel (CSP)'),
  node('data-parallel', 'data-parallel'),
  node('lambda', 'batch and speed layer'),
  { ...node('actors', 'actors, large pieces'), id: 'actors-large', large: true },
  { ...node('csp', 'channel (CSP), large pieces'), id: 'csp-large', large: true },
  python('map-reduce', 'map and reduce, one thread'),
  python('locks', 'threads and locks'),
  python('processes', 'messages to processes'),
  { ...python('processes', 'messages to processes, large pieces'), id: 'python-processes-large', large: true },
]

/** Models that move the text in messages, with their names. */
const MOVING: readonly (readonly [id: string, how: string])[] = [
  ['actors', 'actors'],
  ['csp', 'a channel'],
]

/** Those whose small pieces are set against large ones. */
const COMPARED: ReadonlySet<string> = new Set(
  [...MOVING.map(([id]) => id), 'python-processes'].flatMap((id) => [id, `${id}-large`]),
)

/** Small pieces cost at least so many times as much as large ones where moving them is the work. */
const DEARER = 1.5
/** More than this share of the time is moving and waiting, in %. */
const MOST_PERCENT = 50

/** Lab 11: one word count in seven models of concurrency. */
export const lab: Lab = {
  id: 'models',
  number: 11,
  title: 'Seven models, one word count',
  source: 'Seven Concurrency Models in Seven Weeks (Paul Butcher, 2014), to which Fluent Python, chapter 19, refers',
  question: `A text of ${WORDS.toLocaleString('en')} words is counted by ${THREADS} threads in seven models of concurrency. Some share the text, others get it in messages of some words. What takes longer: the model, or moving the words?`,
  asks: [
    {
      id: 'fastest',
      label: 'the fastest with small pieces',
      kind: 'choice',
      choices: MODELS.filter(({ large, language }) => !large && language === 'node').map(({ name }) => name),
      claims: [],
    },
    ...MOVING.map(([id, how]) => ({
      id,
      label: `small pieces through ${how}, compared with large ones`,
      asked: `small pieces through ${how} take how many times as long as large ones`,
      kind: 'number' as const,
      unit: '×',
      within: 2,
      claims: [`small-pieces-cost-${id}`],
    })),
  ],
  misconception: 'the model decides the speed',
  endedBy: MOVING.flatMap(([id]) => [`small-pieces-cost-${id}`, `moving-dominates-${id}`]),
  figures: {
    tookMs: { title: 'all words', unit: 'ms' },
    countMs: { title: 'counting alone', unit: 'ms' },
    movedPercent: { title: 'moving and waiting', unit: '%' },
  },
  change: {
    name: 'items',
    help: `Words of a small piece; large ones have ${LARGE_ITEMS}.`,
    schema: { type: 'integer', minimum: 5, maximum: LARGE_ITEMS },
    default: 10,
    example: 200,
  },
  extent: { quick: { repeats: 3, expectedS: 20 }, full: { repeats: 9, expectedS: 48 } },
  timelessClaims: ['all-count-the-same'],
  programs: ['models-node.ts', 'models-thread.ts', 'models-text.ts', 'models-python.py'],
  cases: ({ change, quick }) =>
    MODELS.map((model) => ({
      ...modelCase(model, Number(change)),
      // What decides a claim by an interval is repeated more often.
      ...(quick && COMPARED.has(model.id) ? { repeats: 5 } : {}),
    })),
  outcomes: ({ figures }) => ({
    fastest: fastest(figures),
    ...Object.fromEntries(
      MOVING.map(([id]) => [id, rounded(figures.ratio(id, `${id}-large`, 'tookMs')?.estimate ?? null)]),
    ),
  }),
  claims: ({ figures }) => [
    rightClaim(figures),
    ...MOVING.map(([id, how]) => dearerClaim(figures, id, `${id}-large`, how)),
    ...MOVING.map(([id, how]) => movingClaim(figures, id, how)),
    ...(figures.cell('python-processes') === null
      ? []
      : [dearerClaim(figures, 'python-processes', 'python-processes-large', 'messages to processes of Python')]),
  ],
  explain,
  pictures: (evidence) => [lanes(evidence), times(evidence)],
  servers: {
    text: 'A pool gets its tasks as messages: it pays for work that takes much longer than being sent there.',
    line: 'npx forkwise compare --models single,worker-pool,cluster --workloads cpu --quick',
  },
}

function node(way: string, name: string): Model {
  return { id: way, way, name, language: 'node', large: false }
}

function python(way: string, name: string): Model {
  return { id: `python-${way}`, way, name, language: 'python', large: false }
}

function modelCase({ id, name, language, way, large }: Model, asked: number): LabCase {
  return {
    id,
    name,
    language,
    measure: async ({ run }) => {
      const argument = { way, words: WORDS, items: large ? LARGE_ITEMS : asked, threads: THREADS }
      const { result } = await run(`models-${language === 'node' ? 'node.ts' : 'python.py'}`, argument)
      const { tookMs, countMs, isRight } = result
      if (typeof tookMs !== 'number' || typeof isRight !== 'boolean') {
        throw new ForkwiseError('TRIAL_FAILED', { message: `Expected a time of ${name}, got ${String(tookMs)}.` })
      }
      const told = typeof countMs === 'number' ? { countMs, movedPercent: 100 * (1 - countMs / tookMs) } : {}
      return { figures: { tookMs, ...told }, words: { counts: isRight ? 'right' : 'wrong' } }
    },
  }
}

/** The name of the model of Node with the least median, small pieces alone. */
function fastest(figures: LabFigures): string | null {
  const measured = MODELS.filter(({ large, language }) => !large && language === 'node').flatMap(({ id, name }) => {
    const took = figures.of(id, 'tookMs')
    return took === null ? [] : [{ name, ms: took.estimate }]
  })
  return measured.toSorted((a, b) => a.ms - b.ms)[0]?.name ?? null
}

function rounded(ratio: number | null): number | null {
  return ratio === null ? null : Math.round(ratio * 10) / 10
}

function rightClaim({ cells }: LabFigures): LabClaim {
  const all = cells.map(({ words }) => words['counts'] ?? [])
  const seen = all.flat()
  const isWhole = all.every(({ length }) => length > 0)
  const wrong = cells.filter(({ words }) => words['counts']?.includes('wrong') === true).map(({ name }) => name)
  return {
    id: 'all-count-the-same',
    outcome: wrong.length > 0 ? 'does not hold here' : judgeSeen(isWhole ? seen.map((word) => word === 'right') : []),
    sentence: `All models count the same words. Here ${seen.filter((word) => word === 'right').length} of ${seen.length} counts were those of a plain loop${wrong.length === 0 ? '' : `, and wrong ones came from ${listText(wrong)}`}.`,
  }
}

function dearerClaim(figures: LabFigures, small: string, large: string, how: string): LabClaim {
  const ratio = figures.ratio(small, large, 'tookMs')
  return {
    id: `small-pieces-cost-${small}`,
    outcome: judge(ratio, { above: DEARER }),
    sentence: `Small pieces through ${how} are far dearer than large ones. Here the same words took ${timesText(ratio)} as long in small pieces as in pieces of ${LARGE_ITEMS}.`,
  }
}

function movingClaim(figures: LabFigures, id: string, how: string): LabClaim {
  const moved = figures.of(id, 'movedPercent')
  return {
    id: `moving-dominates-${id}`,
    outcome: judge(moved, { above: MOST_PERCENT }),
    sentence: `With small pieces through ${how}, moving and waiting takes most of the time. Here it took ${percentText(moved)} of it.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const took = (id: string): string => durationText(figures.of(id, 'tookMs'), 1e-3)
  return [
    {
      measured: `Threads that share the text and have a table each took ${took('data-parallel')}, with one table and a lock around each word ${took('locks')}, with snapshots that are swapped ${took('snapshots')}`,
    },
    {
      measured: `Actors took ${took('actors')} for small pieces and ${took('actors-large')} for large ones, a channel ${took('csp')} and ${took('csp-large')}`,
      so: 'the model is the same, and the number of messages is not',
      claims: MOVING.map(([id]) => `small-pieces-cost-${id}`),
    },
    {
      measured: `Map and reduce in one thread took ${took('map-reduce')}, and a batch layer for what is old with a speed layer for what has just come ${took('lambda')}`,
    },
    ...(figures.cell('python-locks') === null
      ? []
      : [
          {
            measured: `In Python, map and reduce took ${took('python-map-reduce')}, threads with a lock ${took('python-locks')}, and processes ${took('python-processes')} for small pieces and ${took('python-processes-large')} for large ones`,
            so: 'messages to processes are dear in small pieces, too',
            claims: ['small-pieces-cost-python-processes'],
          },
        ]),
    { measured: 'The time to start threads and processes is not in these figures' },
  ]
}

/** A lane for each model: counting alone, then all the rest of its time. */
function lanes({ figures }: LabEvidence): GanttPicture {
  const measured = figures.cells.flatMap(({ id, name, language }) => {
    const [took, count] = [figures.of(id, 'tookMs'), figures.of(id, 'countMs')]
    if (took === null) return []
    return [{ name, language, tookMs: took.estimate, countMs: count === null ? null : count.estimate }]
  })
  return {
    kind: 'gantt',
    id: 'lanes',
    title: 'Where the time of each model goes',
    note: 'Sums of a run, medians: first the counting itself, then moving words, copying and waiting. One bar where the two cannot be told apart.',
    spanMs: Math.max(1, ...measured.map(({ tookMs }) => tookMs)),
    lanes: measured.map(({ name, language, tookMs, countMs }) => ({
      name,
      group: language === 'node' ? 'Node' : 'Python',
      bars:
        countMs === null
          ? [{ fromMs: 0, toMs: tookMs, label: 'all', tone: 'plain' as const }]
          : [
              { fromMs: 0, toMs: countMs, label: 'counting', tone: 'good' as const },
              { fromMs: countMs, toMs: Math.max(countMs, tookMs), label: 'moving', tone: 'busy' as const },
            ],
    })),
  }
}

function times({ figures }: LabEvidence): BarsPicture {
  return {
    kind: 'bars',
    id: 'times',
    title: 'One word count',
    note: `The time for ${WORDS.toLocaleString('en')} words, with 95 % intervals.`,
    unit: 'ms',
    log: true,
    bars: figures.cells.flatMap(({ name, language, figures: of }) => {
      const took = of['tookMs']
      const group = language === 'node' ? 'Node' : 'Python'
      if (took === undefined) return []
      return [{ name, group, value: took.estimate, low: took.low, high: took.high, predicted: null }]
    }),
  }
}
