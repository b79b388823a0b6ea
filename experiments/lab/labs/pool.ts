import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { LabClaim, LabLanguage, MatrixPicture } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import { listText } from '../figure-text.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import { hereText, type LabPart } from '../telling.ts'

const JOBS = 12

interface Run {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
  /** What is used, and what goes wrong in it. */
  readonly title: string
  readonly words: string
  readonly pool: string
  readonly fault: 'none' | 'die' | 'throw'
}

const FAULTS = [
  ['none', 'all well'],
  ['die', 'a worker dies in a job'],
  ['throw', 'a job throws'],
] as const

const RUNS: readonly Run[] = [
  ...runsOf('node', 'threads', 'home-made, threads'),
  ...runsOf('node', 'processes', 'home-made, processes'),
  ...runsOf('node', 'piscina', 'Piscina'),
  ...runsOf('node', 'process-pool', 'Forkwise’s process pool'),
  // What ends a thread of Python without a word ends its process.
  ...runsOf('python', 'threads', 'home-made, threads').filter(({ fault }) => fault !== 'die'),
  ...runsOf('python', 'processes', 'home-made, processes'),
  ...runsOf('python', 'executor', 'ProcessPoolExecutor'),
]

const CHOICES = ['ends, nothing is lost', 'ends, some jobs are rejected', 'hangs'] as const

/** Lab 5: whether a pool ends when a job goes wrong, and what is lost. */
export const lab: Lab = {
  id: 'pool',
  number: 5,
  title: 'Does the pool end?',
  source: 'Fluent Python, 2nd edition, chapter 19: a home-grown process pool',
  question:
    'Two workers take jobs from a queue until each gets a poison pill. In one job a worker dies, or the job throws. Does the pool end?',
  asks: RUNS.filter(({ language, fault }) => language === 'node' && fault !== 'none').map(({ id, name }) => ({
    id,
    label: name,
    kind: 'choice',
    choices: CHOICES,
    claims: [/^(threads|processes)-/.test(id) ? 'naive-pools-hang' : 'a-library-rejects-one'],
  })),
  misconception: 'a queue is safe by itself',
  endedBy: ['naive-pools-hang'],
  figures: {
    done: { title: 'done', unit: '' },
    rejected: { title: 'rejected', unit: '' },
    lost: { title: 'lost', unit: '' },
  },
  change: {
    name: 'workers',
    help: 'Workers of each pool.',
    schema: { type: 'integer', minimum: 2, maximum: 8 },
    default: 2,
    example: 4,
  },
  extent: { quick: { repeats: 1, expectedS: 20 }, full: { repeats: 3, expectedS: 58 } },
  isTimeless: true,
  programs: [
    'pool-node.ts',
    'pool-worker.ts',
    'pool-jobs.ts',
    'pool-python.py',
    '../../../server/handlers/cpu-prime.ts',
  ],
  cases: ({ change }) => RUNS.map((run) => runCase(run, Number(change))),
  outcomes: ({ figures }) =>
    Object.fromEntries(
      RUNS.filter(({ language, fault }) => language === 'node' && fault !== 'none').map(({ id }) => [
        id,
        outcomeOf(figures, id),
      ]),
    ),
  claims: ({ figures }) => [
    orderClaim(figures),
    hangClaim(figures, 'naive-pools-hang', 'A home-made pool hangs once a worker dies in a job, or a job throws.', [
      'threads-die',
      'threads-throw',
      'processes-die',
      'processes-throw',
    ]),
    lossClaim(figures),
    rejectClaim(figures),
    ...(figures.cell('python-threads-none') === null
      ? []
      : [
          lostInPythonClaim(figures),
          executorClaim(figures),
          hangClaim(figures, 'naive-pools-hang-in-python', 'A home-made pool of Python hangs in the same cases.', [
            'python-threads-throw',
            'python-processes-die',
            'python-processes-throw',
          ]),
        ]),
  ],
  explain,
  pictures: (evidence) => [fates(evidence)],
  servers: {
    text: 'A request whose worker dies must be answered all the same: the pools of Forkwise reject its job and replace the worker.',
    line: 'npx forkwise resilience --models worker-pool,process-pool --quick',
  },
}

function runsOf(language: LabLanguage, pool: string, title: string): Run[] {
  const prefix = language === 'python' ? 'python-' : ''
  return FAULTS.map(([fault, words]) => ({
    id: `${prefix}${pool}-${fault}`,
    name: `${title}: ${words}`,
    title,
    words,
    language,
    pool,
    fault,
  }))
}

function runCase({ id, name, language, pool, fault }: Run, workers: number): LabCase {
  return {
    id,
    name,
    language,
    measure: async (context) => {
      const program = language === 'node' ? 'pool-node.ts' : 'pool-python.py'
      const { result, events } = await context.run(program, { pool, fault, workers, jobs: JOBS }, { limitS: 60 })
      const [done = 0, rejected = 0, lost = 0] = ['done', 'rejected', 'lost'].map((key) => Number(result[key]))
      return {
        figures: { done, rejected, lost },
        words: {
          end: result['hung'] === true ? 'hangs' : 'ends',
          order: result['outOfOrder'] === true ? 'out of order' : 'in order',
        },
        events,
      }
    },
  }
}

function outcomeOf(figures: LabFigures, id: string): string | null {
  const end = figures.word(id, 'end')
  if (end === null) return null
  if (end === 'hangs') return CHOICES[2]
  return (figures.of(id, 'rejected')?.estimate ?? 0) > 0 ? CHOICES[1] : CHOICES[0]
}

function hangClaim(figures: LabFigures, id: string, says: string, runs: readonly string[]): LabClaim {
  const seen = figures.seen(runs, 'end')
  const ends: Readonly<Record<string, string>> = { hangs: 'hung', ends: 'ended' }
  const things = runs.map((run) => ({ name: spoken(run), did: ends[figures.word(run, 'end') ?? ''] ?? null }))
  return { id, outcome: judgeSeen(seen.map((end) => end === 'hangs')), sentence: `${says} ${hereText(things)}` }
}

/** That results may come out of order is shown by one run in which they do. */
function orderClaim(figures: LabFigures): LabClaim {
  const runs = ['threads-none', 'processes-none']
  const orders = figures.seen(runs, 'order')
  const came = (run: string): string => figures.word(run, 'order') ?? 'in an unknown order'
  return {
    id: 'results-come-out-of-order',
    outcome: orders.length === 0 ? 'undecided' : judgeSeen([orders.includes('out of order')]),
    sentence: `Results do not come in the order of their jobs. Here they came ${came('threads-none')} from threads, and ${came('processes-none')} from processes.`,
  }
}

/** In Node the other jobs are done by who is left; a process of Python that dies may take finished results along. */
function lossClaim(figures: LabFigures): LabClaim {
  const runs = ['threads-die', 'processes-die', 'threads-throw', 'processes-throw']
  return {
    id: 'one-job-is-lost',
    outcome: judgeSeen(figures.valuesOf(runs, 'lost').map((lost) => lost === 1)),
    sentence: `A home-made pool of Node loses the job in which something went wrong, and no other. Here, of ${JOBS} jobs each, ${listText(runs.map((run) => `${spoken(run)} lost ${countOf(figures, run, 'lost')}`))}.`,
  }
}

function rejectClaim(figures: LabFigures): LabClaim {
  const runs = ['piscina-die', 'piscina-throw', 'process-pool-die', 'process-pool-throw']
  const ends = figures.seen(runs, 'end').map((end) => end === 'ends')
  const rejected = figures.valuesOf(runs, 'rejected').map((count) => count === 1)
  return {
    id: 'a-library-rejects-one',
    outcome: judgeSeen(ends.length === 0 ? [] : [...ends, ...rejected]),
    sentence: `Piscina and Forkwise’s process pool, which watch each of their workers, end and reject the one job in which something went wrong. Here, of ${JOBS} jobs each, ${listText(runs.map((run) => `${spoken(run)} rejected ${countOf(figures, run, 'rejected')}`))}.`,
  }
}

/** Python's own pool keeps its owner from waiting in vain, at the price of all jobs that are left. */
function executorClaim(figures: LabFigures): LabClaim {
  const [died, thrown] = ['python-executor-die', 'python-executor-throw'].map((run) =>
    figures.valuesOf([run], 'rejected'),
  )
  const counts =
    died?.length === 0 || thrown?.length === 0
      ? []
      : [...(died ?? []).map((count) => count > 1), ...(thrown ?? []).map((count) => count === 1)]
  return {
    id: 'executor-gives-up',
    outcome: judgeSeen(counts),
    sentence: `ProcessPoolExecutor rejects one job when that job throws, and all that are not done yet when a worker dies. Here, of ${JOBS} jobs each, it rejected ${countOf(figures, 'python-executor-throw', 'rejected')} and ${countOf(figures, 'python-executor-die', 'rejected')}.`,
  }
}

/** Whether more is lost than the job in hand depends on the moment: one run in which it is shows that it may be. */
function lostInPythonClaim(figures: LabFigures): LabClaim {
  const run = 'python-processes-die'
  return {
    id: 'python-may-lose-more',
    outcome: figures.valuesOf([run], 'lost').some((lost) => lost > 1) ? 'confirmed' : 'undecided',
    sentence: `A process of Python that dies in a job may take more along than that job. Here the home-made pool of processes lost ${countOf(figures, run, 'lost')} of ${JOBS}.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  const did = (id: string): string =>
    ({ hangs: 'hung', ends: 'ended' })[figures.word(id, 'end') ?? ''] ?? 'was not measured'
  return [
    {
      measured: `When a worker of the home-made pool died in a job, the pool of threads ${did('threads-die')} and lost ${countOf(figures, 'threads-die', 'lost')} of ${JOBS} jobs, and that of processes ${did('processes-die')} and lost ${countOf(figures, 'processes-die', 'lost')}`,
      so: 'its owner waits for a last word that nobody will say',
      claims: ['naive-pools-hang', 'one-job-is-lost'],
    },
    {
      measured: `In the same case Piscina rejected ${countOf(figures, 'piscina-die', 'rejected')} of ${JOBS} jobs`,
      so: 'it puts another thread in the place of the dead one and does the other jobs',
      claims: ['a-library-rejects-one'],
    },
    ...(figures.cell('python-executor-die') === null
      ? []
      : [
          {
            measured: `When a worker died among the home-made processes of Python, ${countOf(figures, 'python-processes-die', 'lost')} of ${JOBS} jobs were lost`,
            so: 'a process that ends at once takes along the results that it has not sent yet, and may take the lock with which the others send theirs',
            claims: ['python-may-lose-more'],
          },
          {
            measured: `When a worker of Python’s ProcessPoolExecutor died, the pool ${did('python-executor-die')}, and rejected ${countOf(figures, 'python-executor-die', 'rejected')} of ${JOBS} jobs`,
            so: 'it replaces nobody, declares itself broken, ends its other workers, and rejects every job that was not done yet',
            claims: ['executor-gives-up'],
          },
        ]),
  ]
}

function fates({ figures }: LabEvidence): MatrixPicture {
  return {
    kind: 'matrix',
    id: 'jobs',
    title: 'What became of the jobs',
    note: `Each line is a pool with ${JOBS} jobs; one that hangs was ended when nothing had happened for 1.5 s.`,
    columns: ['done', 'rejected', 'lost', 'end'],
    rows: RUNS.flatMap(({ id, title, words, language }) => {
      const end = figures.word(id, 'end')
      if (end === null) return []
      const counts = ['done', 'rejected', 'lost'].map((key) => countOf(figures, id, key))
      const tone = end === 'hangs' ? 'bad' : counts[1] === '0' ? 'good' : 'busy'
      return [
        {
          name: words,
          group: `${language === 'node' ? 'Node' : 'Python'}: ${title}`,
          cells: [...counts, end].map((text) => ({ text, tone })),
        },
      ]
    }),
  }
}

function countOf(figures: LabFigures, id: string, key: string): string {
  const figure = figures.of(id, key)
  return figure === null ? 'an unknown number' : formatCount(figure.estimate)
}

const FAULT_PHRASES: Readonly<Record<Run['fault'], string>> = {
  none: 'with nothing wrong',
  die: 'with a worker that dies',
  throw: 'with a job that throws',
}

/** A run in a sentence: `threads with a job that throws`. */
function spoken(id: string): string {
  const run = RUNS.find((each) => each.id === id)
  return run === undefined ? id : `${run.title.replace(/^home-made, /, '')} ${FAULT_PHRASES[run.fault]}`
}
