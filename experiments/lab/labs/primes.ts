import { judge } from '../../../analysis/lab/claims.ts'
import { inverseOf, type LabFigures } from '../../../analysis/lab/figures.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import type { GanttPicture, LabClaim } from '../../../core/lab-record.ts'
import type { Estimate } from '../../../core/records.ts'
import { easierNumbers } from '../chapter-numbers.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import { coresText } from '../../../core/quantities.ts'
import { durationText } from '../figure-text.ts'
import { amountText, timesText } from '../wording.ts'

const NODE_WAYS: readonly (readonly [way: string, name: string])[] = [
  ['sequence', 'one after the other'],
  ['promise-all', 'Promise.all'],
  ['threads', 'worker threads'],
  ['processes', 'child processes'],
]

const PYTHON_WAYS: readonly (readonly [way: string, name: string])[] = [
  ['sequence', 'one after the other'],
  ['threads', 'threads'],
  ['processes', 'processes'],
]

/** How many times less work than the chapter's numbers the tested ones are: a minute is not enough for those. */
const EASIER = { node: { quick: 6, full: 4 }, python: { quick: 55, full: 20 } } as const

/** A ratio this close to 1 is no gain, nor are so many busy cores. */
const NO_GAIN = 1.25

/** Lab 2: twenty numbers, tested in every way. */
export const lab: Lab = {
  id: 'primes',
  number: 2,
  title: 'Twenty numbers, four ways',
  source: 'Fluent Python, 2nd edition, chapter 19: A Homegrown Process Pool',
  question: 'Twenty numbers are tested for primality. How many times as fast as one after the other is each way?',
  asks: [
    ask('promise-all', 'Promise.all', 'promise-all-gains-nothing'),
    ask('threads', 'worker threads, one for each core', 'threads-gain'),
    ask('processes', 'child processes, one for each core', 'processes-gain'),
    ask('python-threads', 'threads of Python, one for each core', 'python-threads-gain-nothing'),
  ],
  misconception: 'Promise.all is parallel',
  endedBy: ['promise-all-gains-nothing'],
  figures: { tookMs: { title: 'all twenty', unit: 'ms' }, cores: { title: 'cores kept busy', unit: '' } },
  change: {
    name: 'workers',
    help: 'Threads or processes; 0 = one for each core.',
    schema: { type: 'integer', minimum: 0, maximum: 32 },
    default: 0,
    example: 4,
  },
  extent: { quick: { repeats: 5, expectedS: 19 }, full: { repeats: 5, expectedS: 50 } },
  programs: [
    'primes-ways.ts',
    'primes-thread.ts',
    'primes-child.ts',
    'primes-ways.py',
    '../../../server/handlers/cpu-prime.ts',
  ],
  cases: ({ quick, change, cores }) => {
    const workers = Number(change) === 0 ? cores : Number(change)
    const one = (language: 'node' | 'python', [way, name]: readonly [string, string]): LabCase => ({
      id: language === 'node' ? way : `python-${way}`,
      name,
      language,
      measure: async ({ run }) => {
        const numbers = easierNumbers(EASIER[language][quick ? 'quick' : 'full'])
        const { events, result } = await run(`primes-ways.${language === 'node' ? 'ts' : 'py'}`, {
          way,
          numbers,
          workers,
        })
        const tookMs = result['tookMs']
        if (typeof tookMs !== 'number') {
          throw new ForkwiseError('TRIAL_FAILED', { message: `Expected the time of ${name}, got ${String(tookMs)}.` })
        }
        const { cores: busy } = result
        return { figures: { tookMs, ...(typeof busy === 'number' && { cores: busy }) }, events }
      },
    })
    return [...NODE_WAYS.map((way) => one('node', way)), ...PYTHON_WAYS.map((way) => one('python', way))]
  },
  outcomes: ({ figures }) => ({
    'promise-all': rounded(gain(figures, 'promise-all')),
    threads: rounded(gain(figures, 'threads')),
    processes: rounded(gain(figures, 'processes')),
    'python-threads': rounded(gain(figures, 'python-threads')),
  }),
  claims: ({ figures, manifest }) => [
    promiseAllClaim(figures),
    ...['threads', 'processes'].map((id) => parallelClaim(figures, id, manifest.machine.cores)),
    ...(figures.cell('python-threads') === null ? [] : [pythonThreadsClaim(figures)]),
    ...(figures.cell('python-processes') === null
      ? []
      : [parallelClaim(figures, 'python-processes', manifest.machine.cores)]),
  ],
  explain: ({ figures, manifest }) => {
    const { cores } = manifest.machine
    const gained = (id: string): string => timesText(gain(figures, id))
    return [
      {
        measured: `One after the other the twenty numbers took ${durationText(figures.of('sequence', 'tookMs'), 1e-3)}`,
      },
      {
        measured: `Promise.all was ${gained('promise-all')} as fast`,
        so: 'it waits for promises and moves no computing',
        claims: ['promise-all-gains-nothing'],
      },
      {
        measured: `On ${coresText(cores)} worker threads were ${gained('threads')} as fast and child processes ${gained('processes')}, their start included`,
        so: 'they compute at the same time, and the longest numbers decide when the last worker is done',
        claims: ['threads-gain', 'processes-gain'],
      },
      ...(figures.cell('python-threads') === null
        ? []
        : [
            {
              measured: `In Python, threads were ${gained('python-threads')} as fast as one after the other, and processes ${gained('python-processes')}`,
              so: 'one lock lets a single thread run at a time, and each process has a lock of its own',
              claims: ['python-threads-gain-nothing', 'python-processes-gain'],
            },
          ]),
    ]
  },
  pictures: (evidence) => [gantt(evidence)],
  servers: {
    text: 'A server whose handlers compute gains from processes or a worker pool, and nothing from more promises.',
    line: 'npx forkwise compare --models single,cluster,worker-pool --workloads cpu --quick',
  },
}

function ask(id: string, label: string, claim: string): Lab['asks'][number] {
  return {
    id,
    label,
    asked: `${label}: how many times as fast`,
    kind: 'number',
    unit: '×',
    within: 1.25,
    claims: [claim],
  }
}

/** How many times as fast as one after the other, in the same language. */
function gain(figures: LabFigures, id: string): Estimate | null {
  return inverseOf(figures.ratio(id, id.startsWith('python-') ? 'python-sequence' : 'sequence', 'tookMs'))
}

function rounded(ratio: Estimate | null): number | null {
  return ratio === null ? null : Math.round(ratio.estimate * 100) / 100
}

function promiseAllClaim(figures: LabFigures): LabClaim {
  const ratio = gain(figures, 'promise-all')
  return {
    id: 'promise-all-gains-nothing',
    outcome: judge(ratio, { above: 1 / NO_GAIN, below: NO_GAIN }),
    sentence: `Promise.all takes as long as one number after the other. Here it was ${timesText(ratio)} as fast.`,
  }
}

/** What is faster on several cores, by its case. */
const PARALLEL: Readonly<Record<string, string>> = {
  threads: 'Worker threads',
  processes: 'Child processes',
  'python-processes': 'Processes of Python',
}

function parallelClaim(figures: LabFigures, id: string, cores: number): LabClaim {
  const ratio = gain(figures, id)
  const name = PARALLEL[id] ?? id
  return {
    id: `${id}-gain`,
    // On one core there is nothing to gain, and the claim is about several.
    outcome: cores < 2 ? 'undecided' : judge(ratio, { above: 1 }),
    sentence:
      cores < 2
        ? `${name} have nothing to gain on one core. Here they were ${timesText(ratio)} as fast.`
        : `${name} on ${cores} cores are faster than one number after the other. Here they were ${timesText(ratio)} as fast.`,
  }
}

/** The cores that they keep busy together decide: unlike times, those do not depend on how fast the machine is just then. */
function pythonThreadsClaim(figures: LabFigures): LabClaim {
  const cores = figures.of('python-threads', 'cores')
  return {
    id: 'python-threads-gain-nothing',
    outcome: judge(cores, { below: NO_GAIN }),
    sentence: `Threads of Python gain nothing for computing. Here they kept ${cores === null ? 'an unknown number of cores' : amountText(cores, 'cores')} busy together, and were ${timesText(gain(figures, 'python-threads'))} as fast.`,
  }
}

/** The first repetition of each way. */
function gantt({ manifest, trials }: LabEvidence): GanttPicture {
  const lanes = manifest.cases.flatMap(({ id, name, language }) => {
    const events = trials.find((trial) => trial.case === id && trial.failure === null)?.events ?? []
    const jobs = events.filter(({ kind }) => kind === 'job')
    const group = `${language === 'node' ? 'Node' : 'Python'}: ${name}`
    return [...new Set(jobs.map(({ lane }) => lane))].toSorted().map((lane) => ({
      name: lane,
      group,
      bars: jobs
        .filter((job) => job.lane === lane)
        .map(({ t, from, n }) => ({ fromMs: Number(from), toMs: t, label: String(n), tone: 'busy' as const })),
    }))
  })
  return {
    kind: 'gantt',
    id: 'workers',
    title: 'Which worker tested which number, when',
    note: 'Each bar is a number. Python tests easier numbers than Node, so that both fit on one line of time.',
    spanMs: Math.max(1, ...lanes.flatMap(({ bars }) => bars.map(({ toMs }) => toMs))),
    lanes,
  }
}
