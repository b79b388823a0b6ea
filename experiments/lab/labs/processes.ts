import { throughputOf, type UslCurve } from '../../../analysis/capacity/scaling/usl-curve.ts'
import { fitThroughputs } from '../../../analysis/capacity/scaling/usl-regression.ts'
import { allOf, judge } from '../../../analysis/lab/claims.ts'
import { type LabFigures, ratioOf } from '../../../analysis/lab/figures.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import type { CurvePicture, LabClaim } from '../../../core/lab-record.ts'
import type { Estimate } from '../../../core/records.ts'
import { easierNumbers } from '../chapter-numbers.ts'
import { coresText } from '../../../core/quantities.ts'
import type { Lab, LabCase, LabEvidence } from '../lab.ts'
import { timesText } from '../wording.ts'

const COUNTS: readonly number[] = [1, 2, 3, 4, 6, 8, 10, 20]

/** Figure 19-2: seconds for the twenty numbers over processes of Python on six cores, as the author measured them. */
const AUTHORS_S: readonly (readonly [processes: number, seconds: number])[] = [
  [1, 41],
  [2, 22.8],
  [4, 13.2],
  [6, 10.4],
  [8, 11.4],
  [10, 12.5],
  [20, 10.7],
]

/** The counts that are looked at: up to the largest one, which is among them, as is that of the cores. */
function countsUpTo(most: number, cores: number): number[] {
  return [...new Set([...COUNTS, cores].filter((count) => count < most)), most].toSorted((a, b) => a - b)
}

/** Lab 3: the same numbers over one process, two, four … twenty. */
export const lab: Lab = {
  id: 'processes',
  number: 3,
  title: 'How many processes are best?',
  source: 'Fluent Python, 2nd edition, chapter 19: Experimenting with More or Fewer Processes (figure 19-2)',
  question: 'The same numbers are tested over 1 to 20 processes. Which count is fastest, and what do 20 take?',
  asks: [
    {
      id: 'best',
      label: 'the count of processes that is fastest',
      asked: 'how many processes are fastest',
      kind: 'number',
      unit: 'processes',
      within: 1.5,
      claims: ['as-many-as-cores', 'more-is-not-faster'],
    },
    {
      id: 'most',
      label: 'time with the most processes, in % of the time with one',
      asked: 'the time with the most processes is how much of the time with one',
      kind: 'number',
      unit: '%',
      within: 1.4,
      claims: ['more-is-not-faster'],
    },
  ],
  misconception: 'more is faster',
  endedBy: ['more-is-not-faster'],
  figures: { tookMs: { title: 'all numbers', unit: 'ms' } },
  change: {
    name: 'most',
    help: 'The largest number of processes and threads.',
    schema: { type: 'integer', minimum: 2, maximum: 64 },
    default: 20,
    example: 32,
  },
  extent: { quick: { repeats: 3, expectedS: 20 }, full: { repeats: 5, expectedS: 55 } },
  programs: ['primes-ways.ts', 'primes-thread.ts', 'primes-child.ts', '../../../server/handlers/cpu-prime.ts'],
  cases: ({ quick, change, cores }) => {
    const numbers = (): readonly string[] => easierNumbers(12)
    const one = (way: 'processes' | 'threads', workers: number): LabCase => ({
      id: `${way}-${workers}`,
      name: `${workers} ${workers === 1 ? { processes: 'process', threads: 'thread' }[way] : way}`,
      language: 'node',
      measure: async ({ run }) => {
        const { result } = await run('primes-ways.ts', { way, numbers: numbers(), workers })
        const tookMs = result['tookMs']
        if (typeof tookMs !== 'number') {
          throw new ForkwiseError('TRIAL_FAILED', { message: `Expected a time, got ${String(tookMs)}.` })
        }
        return { figures: { tookMs } }
      },
    })
    const all = countsUpTo(Number(change), cores)
    const most = all.at(-1) ?? 1
    const counts = quick ? all.filter((count) => [1, 2, 4, cores, most].includes(count)) : all
    const threads = quick ? [1, most] : all.filter((count) => [1, 2, 4, cores, most].includes(count))
    return [
      ...counts.map((count) => one('processes', count)),
      // They stand beside: no claim rests on their intervals.
      ...threads.map((count) => ({ ...one('threads', count), repeats: 3 })),
    ]
  },
  outcomes: (evidence) => {
    const most = toFirst(evidence.figures, 'processes', mostOf(evidence))
    return { best: bestCount(evidence), most: most === null ? null : Math.round(100 * most.estimate) }
  },
  claims: (evidence) => [severalClaim(evidence), moreClaim(evidence)],
  explain: (evidence) => {
    const { figures, manifest } = evidence
    const [best, most] = [bestCount(evidence), mostOf(evidence)]
    const { cores } = manifest.machine
    const threads = toFirst(figures, 'threads', most)
    return [
      {
        measured:
          best === null
            ? 'No count was measured'
            : `On ${coresText(cores)} the least time was with ${best} ${best === 1 ? 'process' : 'processes'}, ${timesText(toFirst(figures, 'processes', best))} of the time with one`,
      },
      {
        measured: `With ${most} it was ${timesText(toFirst(figures, 'processes', most))}`,
        so: 'only as many as there are cores can compute at a time, and each process costs its start',
        claims: ['as-many-as-cores', 'more-is-not-faster'],
      },
      ...(threads === null
        ? []
        : [{ measured: `With ${most} threads it was ${timesText(threads)} of the time with one` }]),
      {
        measured:
          'The author measured the least time with six processes on six cores, 25 % of the time with one, then a hump',
      },
    ]
  },
  pictures: (evidence) => [curve(evidence)],
  servers: {
    text: 'The same law decides how many workers a service should have.',
    line: 'npx forkwise scale cluster',
  },
}

/** The time with that many, in units of the time with one. */
function toFirst(figures: LabFigures, way: string, count: number): Estimate | null {
  const [of, first] = [figures.of(`${way}-${count}`, 'tookMs'), figures.of(`${way}-1`, 'tookMs')]
  return of === null || first === null ? null : ratioOf(of, first)
}

function countsIn({ manifest }: LabEvidence, way: string): number[] {
  return manifest.cases
    .flatMap(({ id }) => (id.startsWith(`${way}-`) ? [Number(id.slice(way.length + 1))] : []))
    .toSorted((a, b) => a - b)
}

function mostOf(evidence: LabEvidence): number {
  return countsIn(evidence, 'processes').at(-1) ?? 0
}

/** The count of processes with the least median; null without any. */
function bestCount(evidence: LabEvidence): number | null {
  const measured = countsIn(evidence, 'processes').flatMap((count) => {
    const figure = evidence.figures.of(`processes-${count}`, 'tookMs')
    return figure === null ? [] : [{ count, ms: figure.estimate }]
  })
  return measured.toSorted((a, b) => a.ms - b.ms)[0]?.count ?? null
}

function severalClaim(evidence: LabEvidence): LabClaim {
  const { cores } = evidence.manifest.machine
  const count = countsIn(evidence, 'processes').findLast((each) => each <= cores) ?? 1
  const ratio = toFirst(evidence.figures, 'processes', count)
  return {
    id: 'as-many-as-cores',
    outcome: cores < 2 ? 'undecided' : judge(ratio, { below: 1 }),
    sentence:
      cores < 2
        ? 'On one core there is no second process to gain from.'
        : `As many processes as cores are faster than one. Here ${count} took ${timesText(ratio)} of the time of one.`,
  }
}

/** False only where the most processes are clearly faster than as many as there are cores. */
function moreClaim(evidence: LabEvidence): LabClaim {
  const { figures, manifest } = evidence
  const { cores } = manifest.machine
  const most = mostOf(evidence)
  const count = countsIn(evidence, 'processes').findLast((each) => each <= cores) ?? 1
  const [many, few] = [figures.of(`processes-${most}`, 'tookMs'), figures.of(`processes-${count}`, 'tookMs')]
  const ratio = many === null || few === null ? null : ratioOf(many, few)
  return {
    id: 'more-is-not-faster',
    outcome: most <= cores ? 'undecided' : allOf([judge(ratio, { above: 0.95 })]),
    sentence: `More processes than cores gain nothing. Here ${most} took ${timesText(ratio)} of the time of ${count}.`,
  }
}

function curve(evidence: LabEvidence): CurvePicture {
  const { figures, manifest } = evidence
  const points = (way: string): CurvePicture['series'][number]['points'] =>
    countsIn(evidence, way).flatMap((count) => {
      const ratio = toFirst(figures, way, count)
      return ratio === null ? [] : [{ x: count, y: 100 * ratio.estimate, low: 100 * ratio.low, high: 100 * ratio.high }]
    })
  const [processes, threads] = [points('processes'), points('threads')]
  const { most } = manifest.predictions
  const first = AUTHORS_S[0]?.[1] ?? 1
  return {
    kind: 'curve',
    id: 'time',
    title: 'Time against the number of processes',
    note: 'In per cent of the time with one, with 95 % intervals; behind it the curve of the author on six cores.',
    x: { title: 'processes or threads', unit: '', log: true },
    y: { title: 'time', unit: '% of one', log: false },
    series: [
      {
        name: 'the author, six cores',
        style: 'reference',
        points: AUTHORS_S.map(([x, s]) => ({ x, y: (100 * s) / first, low: null, high: null })),
      },
      { name: 'processes', style: 'measured', points: processes },
      { name: 'threads', style: 'measured', points: threads },
      ...fitted(processes),
      ...(typeof most === 'number'
        ? [
            {
              name: 'you',
              style: 'predicted' as const,
              points: [{ x: mostOf(evidence), y: most, low: null, high: null }],
            },
          ]
        : []),
    ],
    marks: [{ x: manifest.machine.cores, label: 'cores' }],
  }
}

/** The universal scalability law through the measured points. */
function fitted(points: CurvePicture['series'][number]['points']): CurvePicture['series'] {
  if (points.length < 4) return []
  const law: UslCurve = fitThroughputs(
    points.map(({ x, y }) => ({ workers: x, throughputPerS: 1 / y })),
    'nonlinear',
    [true, true],
  )
  return [
    {
      name: 'law of scaling, fitted',
      style: 'fitted',
      points: points.map(({ x }) => ({ x, y: 1 / throughputOf(law, x), low: null, high: null })),
    },
  ]
}
