import { describe, expect, test } from 'vitest'
import { compareResults, type ComparedCell } from '../../../analysis/comparison/result-comparison.ts'
import type { RunRecords } from '../../../analysis/comparison/observations.ts'
import type { VerdictMetric } from '../../../core/records.ts'
import { exponential, seededRandom, standardNormal } from '../../../core/random.ts'
import { type MadeUpRun, madeUpRun } from '../made-up-run.ts'

describe('two runs that match', () => {
  const compared = rowsOf(runOf({ seed: 1 }), runOf({ seed: 2, speed: 1.2, cpuMs: 9, latency: 0.5 }))

  test('are compared on every metric of every model and workload that both have', () => {
    expect(compared).toHaveLength(2 * 1 * 5)
    expect(row(compared, 'single', 'throughput')).toMatchObject({ call: 'better', blocks: [10, 10] })
    expect(row(compared, 'single', 'throughput').ratio.estimate).toBeCloseTo(1.2, 1)
    expect(row(compared, 'cluster', 'cpu-per-request')).toMatchObject({ call: 'better' })
    expect(row(compared, 'cluster', 'latency-p95')).toMatchObject({ call: 'better' })
  })

  test('that measured the same are called the same', () => {
    const same = rowsOf(runOf({ seed: 1 }), runOf({ seed: 3 }))
    expect(same.map(({ call }) => call)).not.toContain('better')
    expect(same.map(({ call }) => call)).not.toContain('worse')
    expect(row(same, 'single', 'latency-p50').call).toBe('same')
  })

  test('say what else differs, and that they were not interleaved', () => {
    const [a, b] = [runOf({ seed: 1 }), runOf({ seed: 2 })]
    const newer = { ...b, manifest: { ...b.manifest, machine: { ...b.manifest.machine, node: 'v22.1.0' } } }
    expect(compareResults(a, newer)).toMatchObject({
      comparable: true,
      differences: ['Node: v20.20.2 → v22.1.0'],
      notes: [expect.stringContaining('made one after the other')],
    })
  })
})

test('latencies at different rates are left out, with a note', () => {
  const [a, b] = [runOf({ seed: 1 }), runOf({ seed: 2 })]
  const trials = b.trials.map((trial) =>
    trial.latency === null
      ? trial
      : {
          ...trial,
          latency: { ...trial.latency, load: { ...trial.latency.load, load: openAt(130, trial.latency.load) } },
        },
  )
  const result = compareResults(a, { ...b, trials })
  expect(result.comparable && result.rows.map(({ metric }) => metric)).not.toContain('latency-p50')
  expect(result.comparable && result.notes[1]).toBe(
    'Latencies under cpu are not compared: they were measured at 120.0 and 130.0 requests/s.',
  )
})

describe('a run that cannot be trusted decides nothing beside another', () => {
  const sound = runOf({ seed: 1 })
  const cause = (rows: readonly ComparedCell[]): string => row(rows, 'cluster', 'throughput').because

  test('whose control differed from itself: every row is inconclusive, and both say which run it was', () => {
    const alarmed = runOf({ seed: 2, speed: 1.5, sentinelSpeed: 0.8 })
    for (const [pair, which] of [
      [[sound, alarmed], 'second'],
      [[alarmed, sound], 'first'],
    ] as const) {
      const result = compareResults(...pair)
      if (!result.comparable) throw new Error(result.reasons.join(' '))
      expect(new Set(result.rows.map(({ call }) => call))).toEqual(new Set(['inconclusive']))
      expect(cause(result.rows)).toContain(`the control of the ${which} run differed from itself`)
      expect(result.notes[1]).toMatch(
        new RegExp(`^Nothing is decided on cpu: in the ${which} run, single launched twice differed from itself`),
      )
    }
  })

  test('of which every block was disturbed', () => {
    const disturbed = (run: MadeUpRun): RunRecords => ({
      ...run,
      blocks: run.blocks.map((block) => ({ ...block, kept: false, reasons: ['others used 0.8 cores'] })),
    })
    const result = compareResults(disturbed(sound), disturbed(runOf({ seed: 2, speed: 1.5 })))
    if (!result.comparable) throw new Error(result.reasons.join(' '))
    expect(new Set(result.rows.map(({ call }) => call))).toEqual(new Set(['inconclusive']))
    expect(cause(result.rows)).toContain(
      'every block of the first run was disturbed and every block of the second run was disturbed',
    )
    expect(result.notes.filter((note) => note.includes('every block was disturbed (others used'))).toHaveLength(2)
  })
})

describe('refusals name every reason', () => {
  const first = runOf({ seed: 1 })
  const other = runOf({ seed: 2 })
  const changed = (manifest: Partial<MadeUpRun['manifest']>): RunRecords => ({
    ...other,
    manifest: { ...other.manifest, ...manifest },
  })

  test('a run that ended before anything was measured', () => {
    expect(compareResults(first, { ...other, trials: [], blocks: [] })).toEqual({
      comparable: false,
      reasons: ['Nothing was measured to the end in both runs.'],
    })
  })

  test('another machine, another number of workers, another slice', () => {
    const machine = { ...other.manifest.machine, id: 'xyz', cores: 8 }
    const plan = { ...other.manifest.plan, workers: 4, saturationS: 5 }
    expect(compareResults(first, changed({ machine, plan }))).toEqual({
      comparable: false,
      reasons: [
        'The machines differ: a CPU, 2 cores, 7 GiB and a CPU, 8 cores, 7 GiB.',
        'The numbers of workers differ: 2 and 4.',
        'The lengths of the saturation slice differ: 3 s and 5 s.',
      ],
    })
  })

  test('in words: warm-ups, instruments, placement', () => {
    const plan = {
      ...other.manifest.plan,
      warmup: { minS: 0.4, maxS: 0.6, minCount: 30 },
      metrics: !first.manifest.plan.metrics,
      placement: { generator: [0], server: [1, 2] },
    }
    const result = compareResults(first, changed({ plan }))
    const reasons = result.comparable ? [] : result.reasons
    expect(reasons).toHaveLength(3)
    expect(reasons[0]).toMatch(/^The warm-ups differ: .* and 0\.4–0\.6 s with at least 30 answers\.$/)
    expect(reasons[1]).toMatch(/^The settings of the instruments differ: (on and off|off and on)\.$/)
    expect(reasons[2]).toBe(
      'The placements on CPUs differ: generator and server share the CPUs and generator on CPU 0, server on CPU 1, 2.',
    )
  })

  test('another workload under the same name', () => {
    const workloads = other.manifest.workloads.map((workload) => ({ ...workload, connections: 99 }))
    expect(compareResults(first, changed({ workloads }))).toMatchObject({
      comparable: false,
      reasons: ['The workload cpu asks for other requests or uses another number of connections.'],
    })
  })

  test('nothing in common', () => {
    const plan = { ...other.manifest.plan, models: ['pm2-fork'] }
    expect(compareResults(first, changed({ plan }))).toMatchObject({
      comparable: false,
      reasons: ['No model under a workload was measured in both runs.'],
    })
  })
})

test('too few blocks or too few samples make no call', () => {
  const short = rowsOf(runOf({ seed: 1 }), runOf({ seed: 2, speed: 2, blocks: 5 }))
  expect(row(short, 'single', 'throughput')).toMatchObject({ call: 'inconclusive', blocks: [10, 5] })
  expect(row(short, 'single', 'throughput').because).toContain('each run needs at least 8 blocks')
  const few = rowsOf(runOf({ seed: 1, samples: 300 }), runOf({ seed: 2, samples: 300, latency: 3 }))
  expect(row(few, 'single', 'latency-p99').because).toContain('only 30 samples lie above this quantile')
})

interface Shape {
  readonly seed: number
  readonly speed?: number
  /** Throughput of the second launch of the baseline, as a share of the first; no second launch without one. */
  readonly sentinelSpeed?: number
  readonly cpuMs?: number
  readonly latency?: number
  readonly blocks?: number
  readonly samples?: number
}

function runOf(shape: Shape): MadeUpRun {
  const { seed, speed = 1, sentinelSpeed, cpuMs = 10, latency = 1, blocks = 10, samples = 1200 } = shape
  const random = seededRandom(seed)
  const noise = (): number => Math.exp(standardNormal(random) * 0.01)
  const plan = { models: ['single', 'cluster'], workloads: ['cpu'], blocks, control: sentinelSpeed !== undefined }
  return madeUpRun(plan, ({ control }) => ({
    throughput: 100 * speed * (control ? (sentinelSpeed ?? 1) : 1) * noise(),
    cpuMs: cpuMs * noise(),
    latenciesMs: Array.from({ length: samples }, () => 10 + exponential(random, 2 * latency)),
  }))
}

function rowsOf(first: RunRecords, second: RunRecords): readonly ComparedCell[] {
  const result = compareResults(first, second)
  if (!result.comparable) throw new Error(result.reasons.join(' '))
  return result.rows
}

function row(rows: readonly ComparedCell[], model: string, metric: VerdictMetric): ComparedCell {
  const found = rows.find((row) => row.model === model && row.metric === metric)
  if (found === undefined) throw new Error(`Expected a row for ${model}, ${metric}.`)
  return found
}

function openAt(
  ratePerS: number,
  { load }: { load: MadeUpRun['trials'][number]['saturation']['load']['load'] },
): typeof load {
  return load.kind === 'open' ? { ...load, ratePerS } : load
}
