import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import type { BarsPicture, CurvePicture, LabClaim, LabEvent, LabLanguage } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import { durationText, listText } from '../figure-text.ts'
import type { Lab, LabCase, LabContext, LabEvidence, LabMeasurement } from '../lab.ts'
import type { ProgramRun } from '../program-run.ts'

interface Way {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  /** What the program calls it. */
  readonly way: string
}

const WAYS: readonly Way[] = [
  node('one-at-a-time', 'one client at a time'),
  node('threads', 'thread per client'),
  node('threads-pool', 'threads, process pool'),
  node('loop', 'event loop'),
  node('loop-pool', 'event loop, thread pool'),
  python('one-at-a-time', 'one client at a time'),
  python('threads', 'thread per client'),
  python('threads-pool', 'threads, process pool'),
  python('loop', 'event loop'),
]

const POOLS: readonly string[] = ['loop-pool', 'threads-pool']
const LOOPS: readonly string[] = ['loop', 'python-loop']

/** Per cent of the short requests that are left beside a long one: next to nothing, and more than half. */
const NOTHING_PERCENT = 2
const HALF_PERCENT = 50
/** Where the rate alone varies by more than this, others use the cores, and nothing is said of what is left beside a long one. */
const STEADY_PERCENT = 60
/** Index of the number that a long request asks for: about a tenth of a second in each language. */
const LONG: Readonly<Record<LabLanguage, number>> = { node: 33, python: 28 }
const CHOICES = ['next to none', 'some', 'most of them'] as const

/** Lab 6: what one request that computes does to those that do not. */
export const lab: Lab = {
  id: 'fib-server',
  number: 6,
  title: 'One long request among short ones',
  source: 'David Beazley, Concurrency from the Ground Up (PyCon 2015), as Fluent Python, chapter 19, refers to it',
  question:
    'A client asks for fib(1) again and again. Another comes and asks for what takes a tenth of a second. How many of the short requests are still answered each second?',
  asks: WAYS.filter(({ language }) => language === 'node').map(({ id, name }) => ({
    id,
    label: name,
    kind: 'choice',
    choices: CHOICES,
  })),
  misconception: 'threads are cores; a pool is free',
  figures: {
    aloneRatePerS: { title: 'short requests alone', unit: '/s' },
    besideRatePerS: { title: 'beside a long one', unit: '/s' },
    keptPercent: { title: 'kept', unit: '%' },
    steadyPercent: { title: 'worst to best rate alone', unit: '%' },
    longAnswered: { title: 'long requests answered', unit: '' },
    longMs0: { title: 'a long request alone', unit: 'ms' },
    longMs1: { title: 'beside 1 other', unit: 'ms' },
    longMs2: { title: 'beside 2 others', unit: 'ms' },
    longMs4: { title: 'beside 4 others', unit: 'ms' },
  },
  change: {
    name: 'pool',
    help: 'Threads or processes of a pool.',
    schema: { type: 'integer', minimum: 1, maximum: 16 },
    default: 2,
    example: 1,
  },
  extent: { quick: { repeats: 1, expectedS: 20 }, full: { repeats: 3, expectedS: 60 } },
  programs: [
    'fib-server-clients.ts',
    'fib-server-node.ts',
    'fib-server-worker.ts',
    'fib-server-work.ts',
    'fib-server-python.py',
    '../../../server/handlers/cpu-fib.ts',
  ],
  cases: () => WAYS.map(wayCase),
  outcomes: ({ figures }) =>
    Object.fromEntries(WAYS.flatMap(({ id, language }) => (language === 'node' ? [[id, choiceOf(figures, id)]] : []))),
  claims: ({ figures }) => {
    const hasPython = figures.cell('python-loop') !== null
    return [
      keptClaim(figures, 'loop-stands-still', LOOPS, (percent) => percent < NOTHING_PERCENT),
      keptClaim(figures, 'pool-goes-on', POOLS, (percent) => percent > HALF_PERCENT),
      dearerClaim(figures),
      oneAtATimeClaim(figures),
      ...(hasPython
        ? [
            keptClaim(figures, 'python-threads-fall', ['python-threads'], (percent) => percent < HALF_PERCENT),
            keptClaim(figures, 'python-pool-goes-on', ['python-threads-pool'], (percent) => percent > HALF_PERCENT),
          ]
        : []),
    ]
  },
  explain,
  pictures: (evidence) => [rates(evidence), longTimes(evidence)],
  servers: {
    text: 'A route that computes does the same to every other route of its process; a pool keeps the event loop free.',
    line: 'npx forkwise compare --models single,worker-pool --workloads mixed --quick',
  },
}

function node(way: string, name: string): Way {
  return { id: way, way, name, language: 'node' }
}

function python(way: string, name: string): Way {
  return { id: `python-${way}`, way, name, language: 'python' }
}

function wayCase({ id, name, language, way }: Way): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context) => measured(await runServerAndClients(context, way, language)),
  }
}

/** Runs the server and, once it listens, its clients, who end it. */
async function runServerAndClients(context: LabContext, way: string, language: LabLanguage): Promise<ProgramRun> {
  const program = language === 'node' ? 'fib-server-node.ts' : 'fib-server-python.py'
  const others = context.quick ? [0, 1] : [0, 1, 2, 4]
  let clients: Promise<ProgramRun> | null = null
  const onEvent = ({ kind, port }: LabEvent): void => {
    if (kind !== 'listening') return
    clients = context.run(
      'fib-server-clients.ts',
      { port, long: LONG[language], others, rounds: context.quick ? 2 : 3, limitMs: limitS(context) * 1000 },
      { limitS: 25 },
    )
    // Whoever waits for it below hears of a failure; until then it must not be a rejection that nobody handles.
    clients.catch(() => undefined)
  }
  await context.run(program, { way, pool: Number(context.change) }, { limitS: 30, onEvent })
  if (clients !== null) return clients
  throw new ForkwiseError('TRIAL_FAILED', { message: `Expected ${program} to listen; it ended without.` })
}

/** Longest time that a long request is waited for, in seconds. */
function limitS({ quick }: { readonly quick: boolean }): number {
  return quick ? 1 : 2
}

function measured({ result, events }: ProgramRun): LabMeasurement {
  const figures = Object.fromEntries(
    Object.entries(result).flatMap(([key, value]) => (typeof value === 'number' ? [[key, value] as const] : [])),
  )
  return { figures, events }
}

function choiceOf(figures: LabFigures, id: string): string | null {
  const kept = figures.of(id, 'keptPercent')
  if (kept === null) return null
  return CHOICES[kept.estimate < NOTHING_PERCENT ? 0 : kept.estimate > HALF_PERCENT ? 2 : 1]
}

function keptClaim(
  figures: LabFigures,
  id: string,
  ways: readonly string[],
  holds: (percent: number) => boolean,
): LabClaim {
  const measuredWays = ways.filter((way) => figures.of(way, 'keptPercent') !== null)
  const seen = measuredWays.flatMap((way) => figures.of(way, 'keptPercent')?.values ?? []).map(holds)
  const unsteady = measuredWays.filter((way) =>
    figures.of(way, 'steadyPercent')?.values.some((percent) => percent < STEADY_PERCENT),
  )
  const texts = measuredWays.map((way) => `${nameOf(figures, way)} ${keptText(figures, way)}`)
  const doubt =
    unsteady.length === 0 ? '' : ` Even alone the rate varied (${unsteady.join(', ')}): other programs use the cores.`
  return {
    id,
    outcome: unsteady.length > 0 ? 'undecided' : judgeSeen(seen),
    sentence:
      texts.length === 0
        ? `The short requests with ${listText(ways)} were not measured.`
        : `Short requests that are left while a long one is under way: ${listText(texts)}.${doubt}`,
  }
}

/** By less than this share two rates are not clearly different. */
const CLEAR_SHARE = 0.1

/** What each short request pays for the pool, whether or not there is a long one. */
function dearerClaim(figures: LabFigures): LabClaim {
  const [loop, pool] = ['loop', 'loop-pool'].map((id) => figures.of(id, 'aloneRatePerS'))
  const pairs = (loop?.values ?? []).flatMap((rate, index) => {
    const other = pool?.values[index]
    return other === undefined ? [] : [other / rate]
  })
  // Two rates that are nearly the same show nothing: they differ by as much from one launch to the next.
  const isClear = pairs.every((ratio) => Math.abs(ratio - 1) > CLEAR_SHARE)
  return {
    id: 'pool-is-not-free',
    outcome: isClear ? judgeSeen(pairs.map((ratio) => ratio < 1)) : 'undecided',
    sentence: `Without any long request, ${rateText(figures, 'loop', 'aloneRatePerS')} short ones were answered by the event loop itself and ${rateText(figures, 'loop-pool', 'aloneRatePerS')} through its pool.`,
  }
}

function oneAtATimeClaim(figures: LabFigures): LabClaim {
  const answered = ['one-at-a-time', 'python-one-at-a-time'].flatMap(
    (id) => figures.of(id, 'longAnswered')?.values ?? [],
  )
  return {
    id: 'one-at-a-time-locks-out',
    outcome: judgeSeen(answered.map((count) => count === 0)),
    sentence: `Long requests that a server for one client at a time answered while the other client stayed: ${answered.length === 0 ? 'not measured' : formatCount(Math.max(...answered))}.`,
  }
}

function explain({ figures }: LabEvidence): string {
  const from = (id: string): string =>
    `from ${rateText(figures, id, 'aloneRatePerS')} to ${rateText(figures, id, 'besideRatePerS')}`
  return [
    `When a long request came, the short ones fell ${from('loop')} with an event loop that computes itself: each of them waits until the loop is free again.`,
    `With a pool of threads behind the event loop they went ${from('loop-pool')}, with a thread for each client ${from('threads')}: threads of Node compute at the same time, as long as there are cores.`,
    `A pool is not free: with nothing else to do, ${rateText(figures, 'loop-pool', 'aloneRatePerS')} short requests went through it and ${rateText(figures, 'loop', 'aloneRatePerS')} through the loop alone.`,
    ...(figures.of('python-threads', 'keptPercent') === null
      ? []
      : [
          `In Python, where threads take turns, a thread for each client fell ${from('python-threads')}: whoever asks for a short one waits for the interpreter’s 5 ms again and again. Processes do not wait: ${from('python-threads-pool')}.`,
        ]),
    `A long request alone took ${durationText(figures.of('loop', 'longMs0'), 1e-3)} on the event loop and beside another ${durationText(figures.of('loop', 'longMs1'), 1e-3)}.`,
  ].join(' ')
}

/** Short requests of the first repetition over time, in per cent of those before the long one came. */
function rates({ manifest, figures, trials }: LabEvidence): CurvePicture {
  const drawn = manifest.cases.flatMap(({ id, name, language }) => {
    const trial = trials.find((each) => each.case === id && each.failure === null)
    const [first] = figures.of(id, 'aloneRatePerS')?.values ?? []
    return trial === undefined || first === undefined ? [] : [{ name, language, events: trial.events, ratePerS: first }]
  })
  const marks = (drawn[0]?.events ?? []).flatMap(({ lane, kind, at }) =>
    lane === 'long' ? [{ x: Number(at), label: kind === 'came' ? 'a long one comes' : 'it leaves' }] : [],
  )
  return {
    kind: 'curve',
    id: 'rates',
    title: 'Short requests while a long one comes and goes',
    note: 'Each line is a server: short requests answered in each tenth of a second, in per cent of its own rate before.',
    x: { title: 'time', unit: 'ms', log: false },
    y: { title: 'short requests', unit: '%', log: false },
    series: drawn.map(({ name, language, events, ratePerS }) => ({
      name: `${language === 'node' ? 'Node' : 'Python'}: ${name}`,
      style: 'measured' as const,
      points: pointsOf(events, ratePerS),
    })),
    marks,
  }
}

function pointsOf(
  events: LabEvidence['trials'][number]['events'],
  ratePerS: number,
): CurvePicture['series'][number]['points'] {
  const counted = events.filter(({ kind }) => kind === 'rate')
  return counted.map((event, index) => {
    const at = Number(event['at'])
    const sinceMs = Math.max(1, at - Number(counted[index - 1]?.['at'] ?? 0))
    return { x: at, y: ((Number(event['answered']) / sinceMs) * 1e5) / ratePerS, low: null, high: null }
  })
}

function longTimes({ manifest, figures: { cells } }: LabEvidence): BarsPicture {
  return {
    kind: 'bars',
    id: 'long',
    title: 'A long request beside others like it',
    note: `Time until its answer, alone and beside other clients that ask for the same again and again. A missing bar: no answer within ${limitS(manifest)} s.`,
    unit: 'ms',
    log: false,
    bars: cells.flatMap(({ language, name, figures }) =>
      [0, 1, 2, 4].flatMap((others) => {
        const ms = figures[`longMs${others}`]
        const group = `${language === 'node' ? 'Node' : 'Python'}: ${name}`
        if (ms === undefined) return []
        return [{ name: `${others} others`, group, value: ms.estimate, low: ms.low, high: ms.high, predicted: null }]
      }),
    ),
  }
}

function nameOf(figures: LabFigures, id: string): string {
  const cell = figures.cell(id)
  return cell === null ? id : `${cell.language === 'node' ? 'Node' : 'Python'}, ${cell.name}`
}

function keptText(figures: LabFigures, id: string): string {
  const kept = figures.of(id, 'keptPercent')
  return kept === null ? 'an unknown share' : `${formatCount(kept.estimate)} %`
}

function rateText(figures: LabFigures, id: string, key: string): string {
  const rate = figures.of(id, key)
  return rate === null ? 'an unknown number' : `${formatCount(rate.estimate)}/s`
}
