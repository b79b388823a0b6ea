import { judge, judgeSeen } from '../../../analysis/lab/claims.ts'
import type { LabFigures } from '../../../analysis/lab/figures.ts'
import { needProgram } from '../../../cluster/programs.ts'
import type { CurvePicture, LabClaim, LabTrial, LedgerPicture } from '../../../core/lab-record.ts'
import { formatCount } from '../../../core/quantities.ts'
import { durationText, timesText } from '../figure-text.ts'
import { standingServers } from '../lab-server.ts'
import type { Lab, LabCase, LabContext, LabEvidence, LabMeasurement, LabSetting } from '../lab.ts'
import { type LostWorkers, loseWorkers } from '../lost-workers.ts'
import type { LabPart } from '../telling.ts'

/** Threads of the pool, and workers behind the queue. */
const WORKERS = 2
/** The largest primes below 10^13 and 10^15: their tests take some tens and some hundreds of ms. */
const SHORT_JOB = '/cpu/prime?n=9999999999971'
const LONG_JOB = '/cpu/prime?n=999999999999989'

/** The last job of a burst is accepted in less than this share of the time until the last result, in %. */
const EARLY_PERCENT = 50
/** A queue that took less than this share of the time of a pool would have added workers. */
const NO_GAIN = 0.9

const FATES = ['is lost', 'is begun again'] as const
const RUNS = ['is done once', 'is done twice'] as const

/** Lab 10: what a queue of tasks gives, and what becomes of a job whose worker is lost. */
export const lab: Lab = {
  id: 'queue-202',
  number: 10,
  title: 'Accepted, and then?',
  source: 'Task queues: Fluent Python, 2nd edition, chapter 19, on distributed task queues (Celery, RQ)',
  question:
    'Many jobs come at once. One server makes each client wait for its result; another answers 202 (accepted) and puts the jobs into a queue on Redis, behind which as many workers compute. How soon is the last job accepted, and what becomes of a job whose worker is killed, or stands still for a while?',
  asks: [
    {
      id: 'accepted',
      label: 'the last job is accepted after, in % of the time until the last result',
      asked: 'the last job is accepted after how much of the time until the last result',
      kind: 'number',
      unit: '%',
      within: 2,
      claims: ['accepted-early'],
    },
    {
      id: 'killed',
      label: 'a job whose worker is killed',
      kind: 'choice',
      choices: FATES,
      claims: ['killed-job-runs-again'],
    },
    {
      id: 'frozen',
      label: 'a job whose worker stands still and goes on',
      kind: 'choice',
      choices: RUNS,
      claims: ['job-done-twice'],
    },
  ],
  misconception: 'a queue adds capacity, and a job in it runs exactly once',
  endedBy: ['no-capacity-added', 'job-done-twice'],
  figures: {
    acceptAllMs: { title: 'the last answer', unit: 'ms' },
    resultMs: { title: 'a result', unit: 'ms' },
    allMs: { title: 'the last result', unit: 'ms' },
    acceptedPercent: { title: 'answered, of all', unit: '%' },
    begun: { title: 'times begun', unit: '' },
    done: { title: 'times done', unit: '' },
  },
  change: {
    name: 'jobs',
    help: 'Jobs that come at once.',
    schema: { type: 'integer', minimum: 5, maximum: 200 },
    default: 30,
    example: 100,
  },
  extent: { quick: { repeats: 3, expectedS: 14 }, full: { repeats: 7, expectedS: 45 } },
  timelessClaims: ['killed-job-runs-again', 'job-done-twice'],
  programs: ['queue-202-client.ts', '../lost-workers.ts', '../../../server/handlers/cpu-prime.ts'],
  lacks: () => needProgram('redis-server', 'redis-server'),
  cases,
  outcomes: ({ figures }) => {
    const [accepted, killed, frozen] = [
      figures.of('queue', 'acceptedPercent'),
      figures.of('killed', 'begun'),
      figures.of('frozen', 'done'),
    ]
    return {
      accepted: accepted === null ? null : Math.round(accepted.estimate * 10) / 10,
      killed: killed === null ? null : FATES[killed.estimate > 1 ? 1 : 0],
      frozen: frozen === null ? null : RUNS[frozen.estimate > 1 ? 1 : 0],
    }
  },
  claims: ({ figures }) => [
    acceptedClaim(figures),
    capacityClaim(figures),
    runsClaim(figures, 'killed-job-runs-again', {
      lost: 'killed',
      key: 'begun',
      says: 'A job whose worker is killed in the middle of it is begun again.',
    }),
    runsClaim(figures, 'job-done-twice', {
      lost: 'frozen',
      key: 'done',
      says: 'A job whose worker stands still until another has taken it, and then goes on, is done twice.',
    }),
  ],
  explain,
  pictures: (evidence) => [times(evidence), backlog(evidence), ledger(evidence.figures)],
  servers: {
    text: 'A handler behind a queue must be safe to run twice: give each job a key and let the second run find it done. What a killed worker does to tasks, `resilience` counts.',
    line: 'npx forkwise resilience --models task-queue-reply,celery-reply,celery-late-reply --quick',
  },
}

function cases({ change, lacks, quick }: LabSetting): LabCase[] {
  const jobs = Number(change)
  const serverOf = standingServers()
  const burst = (id: string, name: string, model: string): LabCase => ({
    id,
    name,
    language: 'node',
    async measure(context) {
      const server = await serverOf(context, model, { workers: WORKERS })
      const { result, events } = await context.run('queue-202-client.ts', {
        url: server.targets[0],
        path: SHORT_JOB,
        jobs,
      })
      const figures = Object.fromEntries(
        ['acceptAllMs', 'resultMs', 'allMs'].map((key) => [key, Number(result[key])] as const),
      )
      const acceptedPercent = (100 * Number(result['acceptAllMs'])) / Number(result['allMs'])
      return { figures: { ...figures, acceptedPercent }, events }
    },
  })
  const pool = burst('pool', 'waits for the result (worker-pool)', 'worker-pool')
  if (lacks.length > 0) return [pool]
  const lostCase = (id: keyof LostWorkers, name: string): LabCase => ({
    id,
    name,
    language: 'node',
    repeats: quick ? 1 : 3,
    async measure(context): Promise<LabMeasurement> {
      // One server shows what becomes of both jobs.
      const lost = await context.share('lost', () =>
        loseWorkers(context, (url, count) => submitLong(context, url, count)),
      )
      const { begun, done } = lost[id]
      return { figures: { begun, done } }
    },
  })
  return [
    pool,
    burst('queue', '202, a queue (task-queue)', 'task-queue'),
    lostCase('killed', 'worker killed in a job'),
    lostCase('frozen', 'worker stopped in a job'),
  ]
}

function submitLong(context: LabContext, url: URL, jobs: number): Promise<unknown> {
  // A job to warm up would be one more for the workers.
  return context.run('queue-202-client.ts', { url, path: LONG_JOB, jobs, warmUp: false })
}

function acceptedClaim(figures: LabFigures): LabClaim {
  return {
    id: 'accepted-early',
    outcome: judge(figures.of('queue', 'acceptedPercent'), { below: EARLY_PERCENT }),
    sentence: `A queue accepts jobs long before they are done. Here the last job of a burst was accepted after ${msText(figures, 'queue', 'acceptAllMs')}, and the last result was there after ${msText(figures, 'queue', 'allMs')}.`,
  }
}

function capacityClaim(figures: LabFigures): LabClaim {
  const ratio = figures.ratio('queue', 'pool', 'allMs')
  return {
    id: 'no-capacity-added',
    outcome: judge(ratio, { above: NO_GAIN }),
    sentence: `A queue adds no capacity. Here, until all results were there, it took ${timesText(ratio)} as long as a pool of as many threads.`,
  }
}

function runsClaim(
  figures: LabFigures,
  id: string,
  { lost, key, says }: { readonly lost: string; readonly key: 'begun' | 'done'; readonly says: string },
): LabClaim {
  return {
    id,
    outcome: judgeSeen((figures.of(lost, key)?.values ?? []).map((count) => count > 1)),
    sentence: `${says} Here it was begun ${countText(figures, lost, 'begun')} and done ${countText(figures, lost, 'done')}.`,
  }
}

function explain({ figures }: LabEvidence): readonly LabPart[] {
  return [
    {
      measured: `The pool answered with the result, the median one after ${msText(figures, 'pool', 'resultMs')}, the last after ${msText(figures, 'pool', 'allMs')}`,
    },
    ...(figures.cell('queue') === null
      ? []
      : [
          {
            measured: `The queue had accepted all jobs after ${msText(figures, 'queue', 'acceptAllMs')}`,
            so: 'it accepts a job in the same time whatever the job takes',
            claims: ['accepted-early'],
          },
          {
            measured: `Its last result was there after ${msText(figures, 'queue', 'allMs')}`,
            so: 'as many workers do not get through more work because it waits elsewhere',
            claims: ['no-capacity-added'],
          },
          {
            measured: `A job whose worker was killed was begun ${countText(figures, 'killed', 'begun')}`,
            so: 'the queue gives it to another worker once the first one has been silent for a while',
            claims: ['killed-job-runs-again'],
          },
          {
            measured: `A job whose worker stood still for longer than that was done ${countText(figures, 'frozen', 'done')}`,
            so: 'a worker that is only slow looks like a dead one',
            claims: ['job-done-twice'],
          },
        ]),
  ]
}

/** When each job of the first burst was accepted, and when its result was there, in the order of the answers. */
function times({ trials }: LabEvidence): CurvePicture {
  const series = (id: string, kind: string, name: string): CurvePicture['series'] => {
    const points = momentsOf(trials, id, kind).map((y, index) => ({ x: index + 1, y, low: null, high: null }))
    return points.length === 0 ? [] : [{ name, style: 'measured', points }]
  }
  return {
    kind: 'curve',
    id: 'times',
    title: 'When a job is accepted, and when its result is there',
    note: 'The jobs of one burst, one after the other; all came at time 0.',
    x: { title: 'job', unit: '', log: false },
    y: { title: 'time', unit: 'ms', log: false },
    series: [
      ...series('queue', 'accepted', 'queue: accepted (202)'),
      ...series('queue', 'finished', 'queue: result'),
      ...series('pool', 'finished', 'pool: result'),
    ],
    marks: [],
  }
}

/** Jobs that were accepted and whose result was not there yet, over the time of the first burst. */
function backlog({ trials }: LabEvidence): CurvePicture {
  const steps = [
    ...momentsOf(trials, 'queue', 'accepted').map((ms) => ({ ms, by: 1 })),
    ...momentsOf(trials, 'queue', 'finished').map((ms) => ({ ms, by: -1 })),
  ].toSorted((a, b) => a.ms - b.ms)
  let waiting = 0
  const points = steps.map(({ ms, by }) => ({ x: ms, y: (waiting += by), low: null, high: null }))
  return {
    kind: 'curve',
    id: 'backlog',
    title: 'The backlog',
    note: 'Jobs that were accepted and whose result was not there yet.',
    x: { title: 'time', unit: 'ms', log: false },
    y: { title: 'jobs', unit: '', log: false },
    series: points.length === 0 ? [] : [{ name: 'in the queue or at work', style: 'measured', points }],
    marks: [],
  }
}

/** The moments of a kind in the first burst that was measured, ascending, in ms. */
function momentsOf(trials: readonly LabTrial[], id: string, kind: string): number[] {
  const events = trials.find((trial) => trial.case === id && trial.events.length > 0)?.events ?? []
  return events
    .filter((event) => event.kind === kind)
    .map(({ ms }) => Number(ms))
    .toSorted((a, b) => a - b)
}

function ledger({ cells }: LabFigures): LedgerPicture {
  return {
    kind: 'ledger',
    id: 'runs',
    title: 'How often a job was run',
    note: 'Noted by the workers themselves when they begin with a job and when they have done it.',
    columns: ['what happened', 'begun', 'done'],
    rows: cells.flatMap(({ name, figures }) => {
      const [begun, done] = [figures['begun'], figures['done']]
      if (begun === undefined || done === undefined) return []
      const tone = done.estimate > 1 ? ('bad' as const) : begun.estimate > 1 ? ('busy' as const) : ('good' as const)
      return [{ cells: [name, formatCount(begun.estimate), formatCount(done.estimate)], tone }]
    }),
  }
}

function msText(figures: LabFigures, id: string, key: string): string {
  return durationText(figures.of(id, key), 1e-3)
}

const TIMES: readonly string[] = ['never', 'once', 'twice']

function countText(figures: LabFigures, id: string, key: string): string {
  const count = figures.of(id, key)
  if (count === null) return 'an unknown number of times'
  return TIMES[count.estimate] ?? `${formatCount(count.estimate)} times`
}
