import { describe, expect, test } from 'vitest'
import { readOutsideData } from '../../../../analysis/capacity/scaling/outside-data.ts'
import { outsideScaling } from '../../../../analysis/capacity/scaling/scaling.ts'
import { throughputOf } from '../../../../analysis/capacity/scaling/usl-curve.ts'
import { ForkwiseError } from '../../../../core/errors.ts'

const POINTS = [
  { workers: 1, throughputPerS: 100.5, block: 1 },
  { workers: 2, throughputPerS: 190, block: 1 },
  { workers: 1, throughputPerS: 102, block: 2 },
  { workers: 2, throughputPerS: 188, block: 2 },
]

function pointsIn(text: string): unknown {
  return readOutsideData(text, 'x.csv').series.map(({ points }) => points)
}

function problemsIn(text: string): readonly string[] {
  try {
    readOutsideData(text, 'x.csv')
    return []
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    expect(thrown.code).toBe('USAGE')
    return thrown.problems.map(({ message }) => message)
  }
}

describe('a table of throughput that was measured elsewhere', () => {
  test.each([
    ['commas', 'workers,throughput,run\n1,100.5,1\n2,190,1\n1,102,2\n2,188,2\n'],
    ['semicolons and decimal commas', 'Run;Threads;Requests/s\n1;1;100,5\n1;2;190\n2;1;102\n2;2;188\n'],
    ['tabs, byte order mark, CRLF', '\uFEFFprocesses\trps\r\n1\t100.5\r\n2\t190\r\n1\t102\r\n2\t188\r\n'],
    ['spaces without headings, and a comment', '# mine\n1   100.5\n 2 190\n\n1 102\n2 188\n'],
    ['throughput a minute', 'n,requests/min\n1,6030\n2,11400\n1,6120\n2,11280\n'],
    ['an unknown column', 'note,workers,tps\na,1,100.5\nb,2,190\nc,1,102\nd,2,188\n'],
    ['a quoted heading with a unit', '"Workers","Throughput (req/s)"\n1,100.5\n2,190\n1,102\n2,188\n'],
    ['one concurrency throughout', 'users,workers,qps\n50,1,100.5\n50,2,190\n50,1,102\n50,2,188\n'],
  ])('is read with %s', (_, text) => {
    expect(pointsIn(text)).toEqual([POINTS])
  })

  test('repetitions may be columns, with gaps', () => {
    expect(pointsIn('workers,rps_1,rps_2\n1,100,101\n2,,190\n')).toEqual([
      [
        { workers: 1, throughputPerS: 100, block: 1 },
        { workers: 1, throughputPerS: 101, block: 2 },
        { workers: 2, throughputPerS: 190, block: 1 },
      ],
    ])
  })

  test('several systems, and concurrency instead of workers', () => {
    const data = readOutsideData('model,clients,rps\na,1,10\nb,1,20\na,2,19\n', 'x.csv')
    expect(data).toMatchObject({ axis: 'concurrency', unused: [] })
    expect(data.series.map(({ name, points }) => [name, points.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })

  test.each([
    ['', ['Expected a table in x.csv, got no row.']],
    [
      'a,b\n1,2\n',
      [
        'Expected a column of worker counts or of concurrency in x.csv, got "a", "b".',
        'Expected a column of throughputs in x.csv, got "a", "b".',
      ],
    ],
    [
      'n x\n1 0\n2 abc\n-1 3\n2.5 4\n',
      [
        'Expected a throughput above 0, got "0" (x.csv: line 2).',
        'Expected a throughput above 0, got "abc" (x.csv: line 3).',
        'Expected a number of workers from 1 to 1000000, got "-1" (x.csv: line 4).',
        'Expected a number of workers from 1 to 1000000, got "2.5" (x.csv: line 5).',
      ],
    ],
    ['7\n8\n', ['Expected two columns or more in x.csv, workers and throughput, got one: "7".']],
    [
      'workers,rps,run\n1,5,a\n1,6,a\n',
      ['Expected each count once in a repetition, got 1 twice in "a" (x.csv: line 3; before: line 2).'],
    ],
    [
      'workers,users,rps\n1,10,5\n2,20,9\n',
      ['Expected one count to differ from row to row in x.csv, got "workers" and "users".'],
    ],
    ['workers,rps\n', ['Expected rows with a throughput in x.csv, got none.']],
  ])('%j is refused with all that is wrong', (text, problems) => {
    expect(problemsIn(text)).toEqual(problems)
  })

  test('of many wrong rows the first ten are told, and how many more there are', () => {
    const problems = problemsIn(`workers,rps\n${'1,none\n'.repeat(40)}`)
    expect(problems).toHaveLength(11)
    expect(problems.at(-1)).toBe('And 30 more rows like these.')
  })
})

describe('the scaling law through it', () => {
  const CURVE = { gammaPerS: 100, sigma: 0.05, kappa: 0.002 }
  const rows = [1, 2, 4, 8, 16].flatMap((workers) =>
    [0.99, 1, 1.01].map((factor) => `${workers},${throughputOf(CURVE, workers) * factor}`),
  )

  test('is the one that the data follow', () => {
    const [series] = readOutsideData(`workers,throughput\n${rows.join('\n')}\n`, 'x.csv').series
    if (series === undefined) throw new Error('no series')
    const scaling = outsideScaling(series, 'workers', 'x.csv')
    expect(scaling.usl?.curve.sigma).toBeCloseTo(0.05, 3)
    expect(scaling.usl?.curve.kappa).toBeCloseTo(0.002, 4)
    expect(scaling.usl?.peakWorkers?.low).toBeLessThan(Math.sqrt(0.95 / 0.002))
    expect(scaling.usl?.peakWorkers?.high).toBeGreaterThan(Math.sqrt(0.95 / 0.002))
    expect(scaling.uslMisses).toBeLessThan(0.01)
    expect(scaling.points[0]).toMatchObject({ cpuMsPerRequest: null, p99Ms: null, efficiency: null })
    // 300/s at a load of 0.8 take 375/s, by the lower bound.
    const needed = outsideScaling(series, 'workers', 'x.csv', 300).needed
    const wanted = Array.from({ length: 16 }, (_, i) => i + 1).find((n) => throughputOf(CURVE, n) >= 375)
    expect(needed?.workers).toBeGreaterThanOrEqual(wanted ?? 0)
    expect(needed?.workers).toBeLessThanOrEqual((wanted ?? 0) + 1)
    expect(outsideScaling(series, 'workers', 'x.csv', 5000).needed?.workers).toBeNull()
  })

  test.each([
    ['superlinear', [100, 260, 600, 1300]],
    ['retrograde from the start', [100, 80, 60, 30]],
    ['zigzag', [100, 220, 90, 400]],
    ['flat', [100, 100, 100, 100]],
  ])('%s data give σ and κ from 0 up, intervals that hold them, and no negative throughput', (_, means) => {
    const points = means.flatMap((throughput, index) =>
      [0.98, 1, 1.03].map((factor, block) => ({ workers: 2 ** index, throughputPerS: throughput * factor, block })),
    )
    const { usl } = outsideScaling({ name: null, points }, 'workers', 'x.csv')
    if (usl === null) throw new Error('no law')
    for (const [value, interval] of [
      [usl.curve.sigma, usl.sigma],
      [usl.curve.kappa, usl.kappa],
    ] as const) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(interval?.low).toBeLessThanOrEqual(value)
      expect(interval?.high).toBeGreaterThanOrEqual(value)
    }
    for (let workers = 1; workers <= 16; workers++) expect(throughputOf(usl.curve, workers)).toBeGreaterThan(0)
  })

  test('a law that misses the data is said to', () => {
    const points = [100, 220, 90, 400].map((throughputPerS, index) => ({
      workers: 2 ** index,
      throughputPerS,
      block: 1,
    }))
    expect(outsideScaling({ name: null, points }, 'workers', 'x.csv').uslMisses).toBeGreaterThan(0.1)
  })
})
