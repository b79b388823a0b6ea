import { judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import type { LabClaim, LabLanguage, LedgerPicture } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'

const JOBS = 12

interface Run {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
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
  })),
  misconception: 'a queue is safe by itself',
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
    seen(
      figures,
      'naive-pools-hang',
      ['threads-die', 'threads-throw', 'processes-die', 'processes-throw'],
      'end',
      'hangs',
    ),
    lossClaim(figures),
    rejectClaim(figures),
    ...(figures.cell('python-threads-none') === null
      ? []
      : [
          seen(
            figures,
            'naive-pools-hang-in-python',
            ['python-threads-throw', 'python-processes-die', 'python-processes-throw'],
            'end',
            'hangs',
          ),
        ]),
  ],
  explain,
  pictures: (evidence) => [ledger(evidence)],
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

function seen(figures: LabFigures, id: string, runs: readonly string[], key: string, word: string): LabClaim {
  return {
    id,
    outcome: judgeSeen(runs.flatMap((run) => figures.cell(run)?.words[key] ?? []).map((each) => each === word)),
    sentence: `${runs.map((run) => `${nameOf(run)}: ${figures.word(run, key) ?? 'not measured'}`).join('; ')}.`,
  }
}

/** That results may come out of order is shown by one run in which they do. */
function orderClaim(figures: LabFigures): LabClaim {
  const runs = ['threads-none', 'processes-none']
  const orders = runs.flatMap((run) => figures.cell(run)?.words['order'] ?? [])
  return {
    id: 'results-come-out-of-order',
    outcome: orders.length === 0 ? 'undecided' : judgeSeen([orders.includes('out of order')]),
    sentence: `Results came ${runs.map((run) => `${figures.word(run, 'order') ?? 'in an unknown order'} (${nameOf(run)})`).join(', ')}.`,
  }
}

/** With the worker its job is gone, and only that: the others are done by who is left. */
function lossClaim(figures: LabFigures): LabClaim {
  const runs = ['threads-die', 'processes-die', 'threads-throw', 'processes-throw']
  return {
    id: 'one-job-is-lost',
    outcome: judgeSeen(runs.flatMap((run) => figures.of(run, 'lost')?.values ?? []).map((lost) => lost === 1)),
    sentence: `Of ${JOBS} jobs were lost: ${runs.map((run) => `${countOf(figures, run, 'lost')} (${nameOf(run)})`).join(', ')}.`,
  }
}

function rejectClaim(figures: LabFigures): LabClaim {
  const runs = ['piscina-die', 'piscina-throw', 'process-pool-die', 'process-pool-throw']
  const ends = runs.flatMap((run) => figures.cell(run)?.words['end'] ?? []).map((end) => end === 'ends')
  const rejected = runs.flatMap((run) => figures.of(run, 'rejected')?.values ?? []).map((count) => count === 1)
  return {
    id: 'a-library-rejects-one',
    outcome: judgeSeen([...ends, ...rejected]),
    sentence: `A pool that watches its workers rejected ${runs.map((run) => `${countOf(figures, run, 'rejected')} (${nameOf(run)})`).join(', ')} of ${JOBS} jobs.`,
  }
}

function explain({ figures }: LabEvidence): string {
  const python = figures.word('python-executor-die', 'end')
  return [
    `When a worker of the home-made pool died in a job, ${countOf(figures, 'threads-die', 'lost')} job was lost with threads and ${countOf(figures, 'processes-die', 'lost')} with processes, and the pool ${figures.word('threads-die', 'end') ?? 'was not measured'}: its owner waits for a last word that nobody will say.`,
    `Piscina rejected ${countOf(figures, 'piscina-die', 'rejected')} job, put another thread in its place and did the others.`,
    ...(python === null
      ? []
      : [
          `Python’s ProcessPoolExecutor ${python} too, and rejected ${countOf(figures, 'python-executor-die', 'rejected')}: with one process the whole pool is broken.`,
        ]),
  ].join(' ')
}

function ledger({ figures }: LabEvidence): LedgerPicture {
  return {
    kind: 'ledger',
    id: 'jobs',
    title: 'What became of the jobs',
    note: `Each line is a pool with ${JOBS} jobs; one that hangs was ended when nothing had happened for 1.5 s.`,
    columns: ['', 'pool', 'done', 'rejected', 'lost', 'end'],
    rows: RUNS.flatMap(({ id, name, language }) => {
      const end = figures.word(id, 'end')
      if (end === null) return []
      const counts = ['done', 'rejected', 'lost'].map((key) => countOf(figures, id, key))
      const tone = end === 'hangs' ? 'bad' : counts[1] === '0' ? 'good' : 'busy'
      return [{ cells: [language === 'node' ? 'Node' : 'Python', name, ...counts, end], tone }]
    }),
  }
}

function countOf(figures: LabFigures, id: string, key: string): string {
  const figure = figures.of(id, key)
  return figure === null ? 'an unknown number of' : formatCount(figure.estimate)
}

function nameOf(id: string): string {
  return RUNS.find((run) => run.id === id)?.name ?? id
}
