import type { LabFigures } from '../../../analysis/lab/figures.ts'
import { judge, judgeSeen } from '../../../analysis/lab/claims.ts'
import type { DotsPicture, LabClaim, LabEvent, LabTrial } from '../../../core/lab-record.ts'
import type { Lab, LabCase, LabEvidence, LabMeasurement } from '../lab.ts'
import type { ProgramRun } from '../program-run.ts'
import { durationText, listText } from '../figure-text.ts'
import { percentText } from '../wording.ts'

const FRAME_MS = 100

/** A spinner that stands still for so large a share of the work freezes. */
const FROZEN_SHARE = 0.5

const NODE_WAYS: readonly (readonly [id: string, name: string])[] = [
  ['timer', 'awaiting a timer'],
  ['sleep', 'a blocking sleep'],
  ['inline', 'is_prime, inline'],
  ['async', 'is_prime, async function'],
  ['slices', 'is_prime, in slices'],
  ['thread', 'is_prime, worker thread'],
  ['child', 'is_prime, child process'],
]

const PYTHON_WAYS: readonly (readonly [id: string, name: string])[] = [
  ['thread', 'is_prime, thread'],
  ['process', 'is_prime, process'],
  ['coroutine', 'coroutine, asyncio.sleep'],
  ['sleep', 'coroutine, time.sleep'],
  ['naps', 'coroutine, is_prime with naps'],
]

const FREEZING: readonly string[] = ['sleep', 'inline', 'async']
const TURNING: readonly string[] = ['timer', 'slices', 'thread', 'child']
const CHOICES = ['turns', 'freezes'] as const

/** Lab 1: what a spinner does while something else takes its time. */
export const lab: Lab = {
  id: 'spinner',
  number: 1,
  title: 'Which spinners freeze?',
  source: 'Fluent Python, 2nd edition, chapter 19: A Concurrent Hello World',
  question:
    'A spinner shows ten frames a second while something takes some seconds. Which spinners stand still meanwhile?',
  asks: NODE_WAYS.map(([id, label]) => ({
    id,
    label,
    kind: 'choice',
    choices: CHOICES,
    claims: [FREEZING.includes(id) ? 'freezing' : 'turning'],
  })),
  misconception: '`async` makes work non-blocking',
  endedBy: ['freezing', 'async-moves-nothing'],
  figures: {
    shownPercent: { title: 'frames shown', unit: '%' },
    longestGapMs: { title: 'longest standstill', unit: 'ms' },
    workMs: { title: 'work', unit: 'ms' },
    clockFrames: { title: 'clocks differ by', unit: 'frames' },
  },
  change: {
    name: 'seconds',
    help: 'How long the work takes.',
    schema: { type: 'number', minimum: 0.3, maximum: 5 },
    default: 1,
    example: 3,
  },
  extent: { quick: { repeats: 1, expectedS: 20 }, full: { repeats: 3, expectedS: 58 } },
  programs: [
    'spinner-ways.ts',
    'spinner-work.ts',
    'spinner-thread.ts',
    'spinner-child.ts',
    'spinner-ways.py',
    '../../../server/handlers/cpu-prime.ts',
  ],
  cases: ({ change }) => [
    ...NODE_WAYS.map(([way, name]): LabCase => waysCase(way, way, name, 'node', Number(change))),
    ...PYTHON_WAYS.map(([way, name]): LabCase => waysCase(`python-${way}`, way, name, 'python', Number(change))),
  ],
  outcomes: ({ figures }) => Object.fromEntries(NODE_WAYS.map(([way]) => [way, figures.word(way, 'spinner')])),
  claims: ({ figures }) => [
    seen(
      figures,
      'freezing',
      FREEZING,
      'freezes',
      'A blocking sleep freezes the spinner, and so does a test that runs inline or in an `async` function.',
    ),
    seen(
      figures,
      'turning',
      TURNING,
      'turns',
      'The spinner turns beside an awaited timer, and beside a test in slices, in a worker thread or in a child process.',
    ),
    asyncClaim(figures),
    ...(figures.cell('python-thread') === null ? [] : [pythonThreadClaim(figures)]),
    clockClaim(figures),
  ],
  explain: ({ figures }) => {
    const shown = (id: string): string => percentText(figures.of(id, 'shownPercent'))
    return [
      {
        measured: `While the number was tested on the thread that draws the spinner, ${shown('inline')} of its frames were shown, and with the same test in an \`async\` function ${shown('async')}`,
        so: 'the word moves no work anywhere',
        claims: ['freezing', 'async-moves-nothing'],
      },
      {
        measured: `In slices that let the event loop turn in between it was ${shown('slices')}, with a worker thread ${shown('thread')}, with a child process ${shown('child')}`,
        so: 'what gives its thread back lets the spinner turn',
        claims: ['turning'],
      },
      {
        measured: `Beside an awaited timer ${shown('timer')} of the frames were shown, beside a blocking sleep ${shown('sleep')}`,
        so: 'waiting freezes nothing, and waiting on the thread does',
        claims: ['freezing', 'turning'],
      },
      ...(figures.cell('python-thread') === null
        ? []
        : [
            {
              measured: `In Python, a spinner in a thread showed ${shown('python-thread')} of its frames beside a test that computes`,
              so: 'the interpreter lets another thread have its turn every 5 ms',
              claims: ['python-thread-lives'],
            },
            {
              measured: `Beside a coroutine that calls time.sleep, a spinner of Python showed ${shown('python-sleep')}`,
            },
          ]),
    ]
  },
  pictures: (evidence) => [dots(evidence)],
  servers: {
    text: 'A handler that computes on the event loop freezes every other request of its process in the same way.',
    line: 'npx forkwise compare --models single,cooperative,worker-pool --workloads mixed --quick',
  },
}

function waysCase(id: string, way: string, name: string, language: 'node' | 'python', seconds: number): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context) => {
      // Python tests a smaller number: one test shall take a part of the work, not all of it.
      const [program, n] =
        language === 'node' ? ['spinner-ways.ts', '5000111000222021'] : ['spinner-ways.py', '142702110479723']
      return measured(await context.run(program, { way, n, seconds }))
    },
  }
}

function measured({ events, arrivedMs }: ProgramRun): LabMeasurement {
  const own = standstill(events, (_, index) => events[index]?.t ?? 0)
  const outside = standstill(events, (_, index) => arrivedMs[index] ?? 0)
  return {
    figures: {
      shownPercent: Math.min(100, (100 * own.frames) / Math.max(1, Math.floor(own.workMs / FRAME_MS))),
      longestGapMs: own.longestGapMs,
      workMs: own.workMs,
      clockFrames: Math.abs(outside.frames - own.frames),
    },
    words: { spinner: own.longestGapMs > FROZEN_SHARE * own.workMs ? 'freezes' : 'turns' },
    events,
  }
}

/** Frames during the work, and the longest time without one, by a clock. */
function standstill(
  events: readonly LabEvent[],
  at: (event: LabEvent, index: number) => number,
): { frames: number; longestGapMs: number; workMs: number } {
  const times = events.map((event, index) => ({ kind: event.kind, ms: at(event, index) }))
  const startMs = times.find(({ kind }) => kind === 'start')?.ms ?? 0
  const endMs = times.find(({ kind }) => kind === 'end')?.ms ?? 0
  const frames = times.flatMap(({ kind, ms }) => (kind === 'frame' && ms >= startMs && ms <= endMs ? [ms] : []))
  const moments = [startMs, ...frames, endMs]
  const gaps = moments.slice(1).map((ms, index) => ms - (moments[index] ?? 0))
  return { frames: frames.length, longestGapMs: Math.max(0, ...gaps), workMs: endMs - startMs }
}

function seen(
  figures: LabFigures,
  id: string,
  ways: readonly string[],
  word: 'freezes' | 'turns',
  says: string,
): LabClaim {
  const words = figures.seen(ways, 'spinner')
  const list = ways.map((way) => {
    const name = figures.cell(way)?.name ?? way
    return `${percentText(figures.of(way, 'shownPercent'))} (${name})`
  })
  return {
    id,
    outcome: judgeSeen(words.map((each) => each === word)),
    sentence: `${says} Here the frames shown during the work were ${listText(list)}.`,
  }
}

function asyncClaim(figures: LabFigures): LabClaim {
  const [inline, async] = [figures.of('inline', 'longestGapMs'), figures.of('async', 'longestGapMs')]
  const [word, inlineWord] = [figures.word('async', 'spinner'), figures.word('inline', 'spinner')]
  return {
    id: 'async-moves-nothing',
    outcome:
      word === null || inlineWord === null ? 'undecided' : word === inlineWord ? 'confirmed' : 'does not hold here',
    sentence: `An \`async\` function keeps the spinner standing like an ordinary one. Here it stood for ${durationText(async, 1e-3)} with the one, and for ${durationText(inline, 1e-3)} with the other.`,
  }
}

function pythonThreadClaim(figures: LabFigures): LabClaim {
  const shown = figures.of('python-thread', 'shownPercent')
  return {
    id: 'python-thread-lives',
    outcome: judgeSeen((figures.cell('python-thread')?.words['spinner'] ?? []).map((word) => word === 'turns')),
    sentence: `A spinner in a thread of Python goes on turning beside a test that computes. Here ${percentText(shown)} of its frames were shown.`,
  }
}

function clockClaim(figures: LabFigures): LabClaim {
  const most = Math.max(0, ...figures.cells.flatMap(({ figures: own }) => own['clockFrames']?.values ?? []))
  const measuredCells = figures.cells.filter(({ figures: own }) => own['clockFrames'] !== undefined)
  return {
    id: 'outside-clock',
    outcome:
      measuredCells.length === 0 || measuredCells.length < figures.cells.length
        ? 'undecided'
        : judge({ estimate: most, low: most, high: most }, { below: 1.5 }),
    sentence: `The process that reads the spinner’s output counts as many frames as the spinner, within one. Here the counts differed by ${measuredCells.length === 0 ? 'an unknown number' : `${most} at most`}.`,
  }
}

function dots({ manifest, trials }: LabEvidence): DotsPicture {
  const firsts = manifest.cases.flatMap((facts) => {
    const trial = trials.find((each) => each.case === facts.id && each.failure === null)
    return trial === undefined ? [] : [{ facts, trial }]
  })
  return {
    kind: 'dots',
    id: 'frames',
    title: 'Frames of each spinner',
    note: 'Each dot is a frame. The work lies behind them: where dots are missing in it, the spinner stood still.',
    spanMs: Math.max(1, ...firsts.flatMap(({ trial }) => trial.events.map(({ t }) => t))),
    lanes: firsts.map(({ facts, trial }) => ({
      name: facts.name,
      group: facts.language === 'node' ? 'Node' : 'Python',
      dotsMs: trial.events.filter(({ kind }) => kind === 'frame').map(({ t }) => t),
      spans: workSpan(trial),
      label: laneLabel(trial, manifest.predictions[facts.id]),
    })),
  }
}

function workSpan({ events }: LabTrial): DotsPicture['lanes'][number]['spans'] {
  const [start, end] = ['start', 'end'].map((kind) => events.find((event) => event.kind === kind)?.t)
  return start === undefined || end === undefined ? [] : [{ fromMs: start, toMs: end, label: 'work', tone: 'busy' }]
}

function laneLabel({ words }: LabTrial, predicted: string | number | undefined): string {
  const happened = words['spinner'] ?? ''
  return predicted === undefined ? happened : `${happened} (you: ${predicted})`
}
