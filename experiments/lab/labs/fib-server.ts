import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import type { BarsPicture, CurvePicture, LabClaim, LabEvent, LabLanguage } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import { durationText, listText } from '../figure-text.ts'
import type { Lab, LabCase, LabContext, LabEvidence, LabMeasurement } from '../lab.ts'
import type { ProgramRun } from '../program-run.ts'
import type { LabPart } from '../telling.ts'

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
const ONE_AT_A_TIME: readonly string[] = ['one-at-a-time', 'python-one-at-a-time']
/** The claims about what is left with each server of Node. */
const CLAIM_ABOUT: Readonly<Record<string, string>> = {
  'one-at-a-time': 'one-at-a-time-goes-on',
  threads: 'threads-go-on',
  'threads-pool': 'pool-goes-on',
  loop: 'loop-stands-still',
  'loop-pool': 'pool-goes-on',
}
const LOOPS: readonly string[] = ['loop', 'python-loop']

/** Per cent of the short requests that are left beside a long one: next to nothing, and more than half. */
const NOTHING_PERCENT = 2
const HALF_PERCENT = 50
/**
 * From here on more is left than there was, and that is explained. Two threads that answer each other wake each other across
 * cores; where a third one keeps a core busy, they share the other, which is quicker: 10,374/s alone, 21,282/s beside a busy
 * core, 23,002/s with both pinned to one (thread pool of Node 20.20 on two cores of an AMD EPYC, November 2026).
 */
const QUICKER_PERCENT = 110
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
    claims: [CLAIM_ABOUT[id] ?? ''],
  })),
  misconception: 'threads are cores, and a pool is free',
  endedBy: ['python-threads-fall', 'pool-is-not-free'],
  figures: {
    aloneRatePerS: { title: 'short requests alone', unit: '/s' },
    besideRatePerS: { title: 'beside a long one', unit: '/s' },
    keptPercent: { title: 'kept', unit: '%' },
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
      keptClaim(figures, 'loop-stands-still', LOOPS, {
        says: 'An event loop that computes itself answers next to no short requests beside a long one.',
        holds: (percent) => percent < NOTHING_PERCENT,
      }),
      keptClaim(figures, 'pool-goes-on', POOLS, {
        says: 'A pool goes on with most of the short requests beside a long one.',
        holds: (percent) => percent > HALF_PERCENT,
      }),
      keptClaim(figures, 'threads-go-on', ['threads'], {
        says: 'A thread of Node for each client goes on with most of the short requests beside a long one.',
        holds: (percent) => percent > HALF_PERCENT,
      }),
      dearerClaim(figures),
      oneAtATimeClaim(figures),
      keptClaim(figures, 'one-at-a-time-goes-on', ONE_AT_A_TIME, {
        says: 'A server for one client at a time goes on with that client while another waits.',
        holds: (percent) => percent > HALF_PERCENT,
      }),
      ...(hasPython
        ? [
            keptClaim(figures, 'python-threads-fall', ['python-threads'], {
              says: 'Threads of Python lose most of the short requests beside a long one.',
              holds: (percent) => percent < HALF_PERCENT,
            }),
            keptClaim(figures, 'python-pool-goes-on', ['python-threads-pool'], {
              says: 'A pool of processes of Python goes on with most of the short requests beside a long one.',
              holds: (percent) => percent > HALF_PERCENT,
            }),
          ]
        : []),
    ]
  },
  explain,
  pictures: (evidence) => [...rates(evidence), longTimes(evidence)],
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

/** Whether more short requests were answered beside a long one than without it. */
function isQuicker(figures: LabFigures, id: string): boolean {
  return figures.of(id, 'keptPercent')?.values.some((percent) => percent > QUICKER_PERCENT) === true
}

function keptClaim(
  figures: LabFigures,
  id: string,
  ways: readonly string[],
  { says, holds }: { readonly says: string; readonly holds: (percent: number) => boolean },
): LabClaim {
  const measuredWays = ways.filter((way) => figures.of(way, 'keptPercent') !== null)
  const seen = figures.valuesOf(ways, 'keptPercent').map(holds)
  const quicker = measuredWays.filter((way) => isQuicker(figures, way))
  const texts = measuredWays.map((way) => `${keptText(figures, way)} with ${nameOf(figures, way)}`)
  const why =
    quicker.length === 0
      ? ''
      : ' More than all is no error: while the long request keeps a core busy, client and server share another, and need not wake each other across cores.'
  return {
    id,
    outcome: judgeSeen(seen),
    sentence:
      texts.length === 0
        ? `${says} Here it was not measured.`
        : `${says} Here ${listText(texts)} were left of them.${why}`,
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
    sentence: `A pool is not free. Here, without any long request, ${rateText(figures, 'loop', 'aloneRatePerS')} short ones were answered by the event loop itself, and ${rateText(figures, 'loop-pool', 'aloneRatePerS')} through its pool.`,
  }
}

function oneAtATimeClaim(figures: LabFigures): LabClaim {
  const answered = figures.valuesOf(ONE_AT_A_TIME, 'longAnswered')
  return {
    id: 'one-at-a-time-locks-out',
    outcome: judgeSeen(answered.map((count) => count === 0)),
    sentence: `A server for one client at a time answers no long request while the other client stays. Here it answered ${answered.length === 0 ? 'an unknown number' : `${formatCount(Math.max(...answered))} at most`}.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const from = (id: string): string =>
    `from ${rateText(figures, id, 'aloneRatePerS')} to ${rateText(figures, id, 'besideRatePerS')}`
  const alone = (id: string): string => rateText(figures, id, 'aloneRatePerS')
  return [
    {
      measured: `When a long request came, the short ones went ${from('loop')} with an event loop that computes itself`,
      so: 'each of them waits until the loop is free again',
      claims: ['loop-stands-still'],
    },
    {
      measured: `With a pool of threads behind the event loop they went ${from('loop-pool')}, with a thread for each client ${from('threads')}`,
      so: 'threads of Node compute at the same time, as long as there are cores',
      claims: ['pool-goes-on', 'threads-go-on'],
    },
    {
      measured: `With nothing else to do, ${alone('loop-pool')} short requests went through the pool and ${alone('loop')} through the loop alone`,
      so: 'a pool is not free',
      claims: ['pool-is-not-free'],
    },
    ...(figures.of('python-threads', 'keptPercent') === null
      ? []
      : [
          {
            measured: `In Python, where threads take turns, a thread for each client went ${from('python-threads')}`,
            so: 'whoever asks for a short one waits for the interpreter’s 5 ms again and again',
            claims: ['python-threads-fall'],
          },
          {
            measured: `With processes behind those threads it went ${from('python-threads-pool')}`,
            so: 'processes do not wait for one another',
            claims: ['python-pool-goes-on'],
          },
        ]),
    {
      measured: `A long request alone took ${durationText(figures.of('loop', 'longMs0'), 1e-3)} on the event loop, and beside another ${durationText(figures.of('loop', 'longMs1'), 1e-3)}`,
    },
  ]
}

/** Short requests of the first repetition over time, in per cent of those before the long one came, for each language. */
function rates({ manifest, figures, trials }: LabEvidence): CurvePicture[] {
  return (['node', 'python'] as const).flatMap((language) => {
    const drawn = manifest.cases.flatMap(({ id, name, language: own }) => {
      const trial = trials.find((each) => each.case === id && each.failure === null)
      const [ratePerS] = figures.of(id, 'aloneRatePerS')?.values ?? []
      if (own !== language || trial === undefined || ratePerS === undefined) return []
      return [{ name, events: trial.events, points: pointsOf(trial.events, ratePerS) }]
    })
    const marked = middleOf(drawn)
    if (marked === undefined) return []
    const title = `Short requests while a long one comes and goes, in ${language === 'node' ? 'Node' : 'Python'}`
    return [
      {
        kind: 'curve',
        id: `rates-${language}`,
        title,
        note: `Each sign is a server: short requests answered in each tenth of a second, in per cent of its own rate before. The long one comes and leaves as marked with “${marked.name}”; a server that does not answer it keeps it for longer, and one that answers it at once ends sooner.`,
        x: { title: 'time', unit: 'ms', log: false },
        y: { title: 'short requests', unit: '%', log: false },
        series: drawn.map(({ name, points }) => ({ name, style: 'measured' as const, points })),
        marks: marked.events.flatMap(({ lane, kind, at }) =>
          lane === 'long' ? [{ x: Number(at), label: kind === 'came' ? 'a long one comes' : 'it leaves' }] : [],
        ),
      },
    ]
  })
}

/** The server whose time line is neither the longest nor the shortest: most of the others' are about as long. */
function middleOf<T extends { readonly events: readonly LabEvent[] }>(drawn: readonly T[]): T | undefined {
  const endOf = ({ events }: T): number => Math.max(0, ...events.map(({ at }) => Number(at ?? 0)))
  return drawn.toSorted((a, b) => endOf(a) - endOf(b))[Math.floor((drawn.length - 1) / 2)]
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
  return cell === null ? id : `${cell.language === 'node' ? 'Node' : 'Python'} (${cell.name})`
}

function keptText(figures: LabFigures, id: string): string {
  const kept = figures.of(id, 'keptPercent')
  return kept === null ? 'an unknown share' : `${formatCount(kept.estimate)} %`
}

function rateText(figures: LabFigures, id: string, key: string): string {
  const rate = figures.of(id, key)
  return rate === null ? 'an unknown number' : `${formatCount(rate.estimate)}/s`
}
