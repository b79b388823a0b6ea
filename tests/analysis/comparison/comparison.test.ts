import { describe, expect, test } from 'vitest'
import { analyse } from '../../../analysis/comparison/comparison.ts'
import type { Result, VerdictMetric } from '../../../core/records.ts'
import { exponential, seededRandom, standardNormal } from '../../../core/random.ts'
import { type MadeUpRun, madeUpRun, type MadeUpTrial, type Place } from '../made-up-run.ts'

const MODELS = ['single', 'cluster', 'pm2-fork', 'worker-pool']
const SPEED: Readonly<Record<string, number>> = { single: 1, cluster: 1.86, 'pm2-fork': 1.84, 'worker-pool': 1.8 }

describe('a full run', () => {
  const result = analyseRun(fullRun())

  test('is the result of its folder, for every candidate, workload and metric', () => {
    expect(result).toMatchObject({
      schema: 'forkwise/result@2',
      id: 'made-up',
      kind: 'full',
      baseline: 'single',
      seed: 1,
    })
    expect(result.cells).toHaveLength(4 * 2)
    expect(result.verdicts).toHaveLength(3 * 2 * 5)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test('calls CPU-bound work by throughput', () => {
    for (const candidate of MODELS.slice(1)) {
      expect(verdictIn(result, 'cpu', candidate, 'throughput')).toMatchObject({ call: 'better', family: 6, blocks: 10 })
      expect(verdictIn(result, 'cpu', candidate, 'cpu-per-request').call).toBe('same')
    }
    expect(result.summary[0]).toMatch(
      /^For CPU-bound work cluster, pm2-fork and worker-pool are better than single: cluster 1\.8\d× the throughput \(95 % 1\.8\d–1\.\d\d\), pm2-fork 1\.8\d× \(1\.\d\d–1\.\d\d\), worker-pool/,
    )
  })

  test('judges I/O-bound work at equal load first, and names the rate', () => {
    expect(result.summary[1]).toMatch(
      /^For I\/O-bound work no model is (shown to be )?better at equal load \(120\/s\): cluster, pm2-fork and worker-pool the same in p50/,
    )
    expect(result.summary[1]).toContain('at saturation, on 2 cores shared with the generator, ')
  })

  test('fills a cell from the blocks', () => {
    const cell = result.cells.find(({ model, workload }) => model === 'cluster' && workload === 'cpu')
    expect(cell).toMatchObject({
      workers: 2,
      blocks: 10,
      errors: 10 * 2 * 2,
      timeouts: 10 * 2,
      workerShare: [expect.closeTo(0.6, 10), expect.closeTo(0.4, 10)],
      rssBytes: 85e6,
      memoryKind: 'pss',
      startS: 0.5,
      bottleneck: { limit: 'workers', because: 'Its workers are busy.' },
    })
    expect(cell?.fairness?.jain).toBeCloseTo(0.9615, 4)
    expect(cell?.throughputRps?.estimate).toBeCloseTo(186, -1)
    expect(cell?.efficiency).toBeCloseTo((cell?.throughputRps?.estimate ?? 0) / 200, 10)
    expect(cell?.latencyMs).toMatchObject({ ratePerS: 120, count: 10 * 1200 })
    const p99 = cell?.latencyIntervalsMs?.p99
    expect(p99?.low).toBeLessThan(cell?.latencyMs?.p99 ?? 0)
    expect(p99?.high).toBeGreaterThan(cell?.latencyMs?.p99 ?? 0)
    expect(p99?.estimate).toBeCloseTo(cell?.latencyMs?.p99 ?? 0, 6)
  })

  test('says that the generator shares the cores', () => {
    expect(result.validity.notes.join(' ')).toMatch(/Generator included/)
    expect(result.validity).toMatchObject({ blocksPlanned: 10, blocksKept: 10, withheld: [], control: null })
  })
})

test('too few samples above p99: the verdict says that p95 decides', () => {
  const result = analyseRun(fullRun({ samples: 500 }))
  const p99 = verdictIn(result, 'io', 'cluster', 'latency-p99')
  expect(p99).toMatchObject({ call: 'inconclusive' })
  expect(p99.because).toBe('Withheld: only 50 samples lie above this quantile, 100 are needed; p95 decides instead.')
  expect(verdictIn(result, 'io', 'cluster', 'latency-p95').call).toBe('same')
  expect(result.cells[0]?.latencyIntervalsMs?.p99).toBeNull()
})

test('dropped blocks do not count, and too few of them make no verdict', () => {
  const run = fullRun()
  const blocks = run.blocks.map((block) =>
    block.block < 3 && block.workload === 'cpu' ? { ...block, kept: false, reasons: ['steal 5 %'] } : block,
  )
  const result = analyseRun({ ...run, blocks })
  const cpu = result.verdicts.filter(({ workload }) => workload === 'cpu')
  expect(cpu.every(({ call, blocks }) => call === 'inconclusive' && blocks === 7)).toBe(true)
  expect(verdictIn(result, 'io', 'cluster', 'throughput')).toMatchObject({ call: 'same', blocks: 10 })
  expect(result.verdicts[0]?.because).toMatch(/^Host too noisy, 3 blocks dropped/)
  expect(result.validity).toMatchObject({ blocksKept: 7 })
  expect(result.validity.blocksDropped).toHaveLength(3)
  expect(result.summary[0]).toMatch(
    /^For CPU-bound work no model is shown to give more throughput than single; undecided/,
  )
})

test('where every block was dropped the figures are shown, but nothing is decided from them', () => {
  const run = fullRun()
  const blocks = run.blocks.map((block) =>
    block.workload === 'cpu' ? { ...block, kept: false, reasons: ['steal 5 %'] } : block,
  )
  const result = analyseRun({ ...run, blocks })
  const cpu = result.verdicts.filter(({ workload }) => workload === 'cpu')
  expect(cpu.length).toBeGreaterThan(0)
  expect(cpu.every(({ call }) => call === 'inconclusive')).toBe(true)
  expect(cpu.every(({ withheld, blocks: counted }) => withheld === true && counted === 0)).toBe(true)
  expect(verdictIn(result, 'cpu', 'cluster', 'throughput').ratio.estimate).toBeCloseTo(1.86, 1)
  expect(result.cells[0]?.throughputRps?.estimate).toBeGreaterThan(0)
  expect(result.summary[0]).toBe(
    'For CPU-bound work all verdicts are withheld: the host was too noisy (all 10 blocks were disturbed, e.g. steal 5 %).',
  )
  expect(verdictIn(result, 'io', 'cluster', 'throughput')).toMatchObject({ call: 'same', blocks: 10 })
  expect(verdictIn(result, 'io', 'cluster', 'throughput')).not.toHaveProperty('withheld')
})

test('a block without a record, as in a torn run, does not count', () => {
  const run = fullRun()
  expect(analyseRun({ ...run, blocks: run.blocks.slice(0, 9) }).cells[0]?.blocks).toBe(9)
})

test('an invalid trial is left out of its pair only', () => {
  const run = fullRun({ change: (place) => (isAt(place, 'cluster', 'cpu', 4) ? { outcome: 'invalid' } : {}) })
  const result = analyseRun(run)
  expect(verdictIn(result, 'cpu', 'cluster', 'throughput').blocks).toBe(9)
  expect(verdictIn(result, 'cpu', 'pm2-fork', 'throughput').blocks).toBe(10)
  expect(result.validity.trialsInvalid).toEqual([{ id: 'b4-cluster-cpu', reasons: ['made up to be invalid'] }])
})

test('a model without any valid trial has an empty cell, no verdict, and a note that says so', () => {
  const run = fullRun({ change: (place) => (place.model === 'cluster' && place.workload === 'cpu' ? null : {}) })
  const result = analyseRun(run)
  expect(result.cells.find(({ model }) => model === 'cluster')).toMatchObject({ blocks: 0, throughputRps: null })
  expect(result.verdicts.some(({ candidate, workload }) => candidate === 'cluster' && workload === 'cpu')).toBe(false)
  expect(result.validity.notes).toContainEqual(
    expect.stringMatching(
      /^No verdict on cluster against single for cpu \(throughput, CPU time per request, .*\): no block has both in a valid trial\.$/,
    ),
  )
  expect(result.summary[0]).toContain('cluster has no valid trial')
})

test('a refused model is unavailable with its reason, and shrinks the family', () => {
  const run = fullRun()
  const refused = [{ model: 'pm2-fork', reason: 'gzip on, others off.' }]
  const result = analyseRun({ ...run, pilot: { ...run.pilot, refused } })
  expect(result.cells.some(({ model }) => model === 'pm2-fork')).toBe(false)
  expect(result.unavailable[0]?.reason).toContain('gzip on, others off.')
  expect(result.verdicts[0]?.family).toBe(4)
})

describe('the control', () => {
  test('stands beside the verdicts when the baseline equals itself', () => {
    const result = analyseRun(fullRun({ control: true }))
    expect(result.validity.withheld).toEqual([])
    expect(result.validity.control?.[0]).toMatchObject({ workload: 'cpu', metric: 'throughput' })
    expect(result.validity.control?.[0]?.ratio.estimate).toBeCloseTo(1, 1)
  })

  test('withholds every verdict on the workload on which the baseline differs from itself', () => {
    const result = analyseRun(
      fullRun({
        control: true,
        change: ({ control, workload }) => (control && workload === 'cpu' ? { throughput: 109, cpuMs: 9 } : {}),
      }),
    )
    expect(result.validity.withheld).toEqual(['cpu'])
    const decided = result.verdicts.filter(({ call }) => call !== 'inconclusive').map(({ workload }) => workload)
    expect(new Set(decided)).toEqual(new Set(['io']))
    for (const { workload, withheld = false } of result.verdicts) expect(withheld).toBe(workload === 'cpu')
    expect(result.verdicts[0]?.because).toMatch(/^Withheld: single launched twice differed from itself on cpu/)
    expect(result.summary[0]).toMatch(/^For CPU-bound work all verdicts are withheld: single launched twice/)
  })
})

describe('limits outside the models', () => {
  test('equal throughput at the generator’s limit is not sameness', () => {
    const bottleneck = { limit: 'generator', because: 'Its loop is full.' } as const
    const result = analyseRun(fullRun({ speeds: {}, change: () => ({ bottleneck }) }))
    const verdict = verdictIn(result, 'cpu', 'cluster', 'throughput')
    expect(verdict.call).toBe('inconclusive')
    expect(verdict.because).toContain('cluster was limited by the generator, not by the model')
    expect(result.summary[0]).toContain('the generator was the limit of single, cluster, pm2-fork and worker-pool')
  })

  test('an advantage of a model that met such a limit stays, with a word on it', () => {
    const bottleneck = { limit: 'connections', because: 'All wait.' } as const
    const result = analyseRun(fullRun({ change: ({ model }) => (model === 'cluster' ? { bottleneck } : {}) }))
    const verdict = verdictIn(result, 'cpu', 'cluster', 'throughput')
    expect(verdict.call).toBe('better')
    expect(verdict.because).toContain('cluster was limited by the number of connections')
  })

  test('the limit of most blocks is the cell’s; without a majority it is unknown', () => {
    const bottleneck = { limit: 'proxy', because: 'NGINX is busy.' } as const
    const cellWhen = (first: number): Result['cells'][number] | undefined =>
      analyseRun(fullRun({ change: ({ block }) => (block < first ? { bottleneck } : {}) })).cells[0]
    expect(cellWhen(7)?.bottleneck).toEqual({ limit: 'proxy', because: 'NGINX is busy. (7 of 10 blocks)' })
    expect(cellWhen(5)?.bottleneck.limit).toBe('unknown')
  })
})

test('a pilot calls large differences, says that it is one, and has a result for a plan without slice B', () => {
  const result = analyseRun(fullRun({ kind: 'pilot', blocks: 3, samples: 0 }))
  expect(result.kind).toBe('pilot')
  expect(verdictIn(result, 'cpu', 'cluster', 'throughput').call).toBe('better')
  expect(result.validity.notes[0]).toMatch(/^This is a pilot/)
  expect(result.summary[1]).toContain('latency at equal load was not measured')
  expect(result.cells[0]).toMatchObject({ latencyMs: null, routes: [] })
})

test('interference of a mix: what the CPU route does to the I/O route, beside the I/O route alone', () => {
  const random = seededRandom(5)
  const run = madeUpRun(
    { models: ['single', 'cluster'], workloads: ['io', 'mixed'], blocks: 10 },
    ({ model, workload }) => {
      const io = Array.from({ length: 1200 }, () => 50 + exponential(random, 1))
      if (workload === 'io') return { throughput: 100, latenciesMs: io }
      const wait = model === 'single' ? 40 : 10
      return {
        throughput: 100,
        routesMs: { io: io.map((ms) => ms + (random() < 0.3 ? random() * wait : 0)), cpu: io.map((ms) => ms / 2) },
      }
    },
  )
  const rows = analyseRun(run).interference ?? []
  expect(rows.map(({ model, route }) => `${model} ${route}`)).toEqual([
    'single io',
    'cluster io',
    'single cpu',
    'cluster cpu',
  ])
  const [single, cluster, cpu] = rows
  expect(single?.alone).toMatchObject({ workload: 'io', ratePerS: 120, p50Ms: expect.closeTo(50.7, 0) })
  expect(single?.alone?.p99Ratio?.low).toBeGreaterThan(1.5)
  expect(cluster?.alone?.p99Ratio?.high).toBeLessThan(single?.alone?.p99Ratio?.low ?? 0)
  expect(single?.alone?.p50Ratio?.estimate).toBeCloseTo(1, 1)
  expect(single?.worstStallMs).toBeGreaterThan(39)
  expect(cpu?.alone).toBeNull()
})

interface Changes {
  readonly kind?: 'pilot' | 'full'
  readonly blocks?: number
  readonly control?: boolean
  /** Latencies in slice B of a trial; 0 = no slice B. */
  readonly samples?: number
  readonly speeds?: Readonly<Record<string, number>>
  readonly change?: (place: Place) => Partial<MadeUpTrial> | null
}

/** Four models under CPU-bound and I/O-bound work, with 1 % noise from trial to trial. */
function fullRun(changes: Changes = {}): MadeUpRun {
  const random = seededRandom(11)
  const noise = (): number => Math.exp(standardNormal(random) * 0.01)
  const samples = changes.samples ?? 1200
  return madeUpRun(
    {
      kind: changes.kind ?? 'full',
      models: MODELS,
      workloads: ['cpu', 'io'],
      blocks: changes.blocks ?? 10,
      latencyS: samples === 0 ? 0 : 10,
      control: changes.control ?? false,
    },
    (place) => {
      const speed = place.workload === 'cpu' ? ((changes.speeds ?? SPEED)[place.model] ?? 1) : 1
      const trial = { throughput: 100 * speed * noise(), cpuMs: 10 * noise() }
      const latenciesMs = Array.from({ length: samples }, () => 50 + exponential(random, 2))
      const change = changes.change?.(place)
      if (change === null) return null
      return { ...trial, ...(samples > 0 ? { latenciesMs } : {}), ...change }
    },
  )
}

function analyseRun(run: MadeUpRun): Result {
  return analyse(run.manifest, run.pilot, run.trials, run.blocks, run.histograms, null)
}

function verdictIn(
  result: Result,
  workload: string,
  candidate: string,
  metric: VerdictMetric,
): Result['verdicts'][number] {
  const found = result.verdicts.find(
    (verdict) => verdict.workload === workload && verdict.candidate === candidate && verdict.metric === metric,
  )
  if (found === undefined) throw new Error(`Expected a verdict on ${candidate}, ${workload}, ${metric}.`)
  return found
}

function isAt(place: Place, model: string, workload: string, block: number): boolean {
  return place.model === model && place.workload === workload && place.block === block
}
