import type { CapacityMeasurement, MeasuredSaturation } from '../../../core/capacity.ts'
import { UNBOUNDED, type Estimate } from '../../../core/records.ts'
import { meanInterval } from '../../statistics/interval.ts'
import { median } from '../../statistics/sample.ts'
import { undisturbed } from '../service/service-model.ts'
import { type NeededWorkers, neededWorkers } from './needed-workers.ts'
import type { OutsidePoint, OutsideSeries, ScalingAxis } from './outside-data.ts'
import { throughputOf, type UslPoint } from './usl-curve.ts'
import { fitUsl, LEAST_COUNTS, predictThroughput, type UslFit } from './usl.ts'

/** How a model's throughput grows with its workers. */
export interface ModelScaling {
  readonly model: string
  readonly workload: string
  /** Version of the Node that ran it; absent where no Node does, or where it was not kept. */
  readonly node?: string
  /** Present where the counts are not workers but requests in flight at a time. */
  readonly axis?: Exclude<ScalingAxis, 'workers'>
  /** What was measured elsewhere, and is kept nowhere else; absent where the measurement is kept. */
  readonly outside?: readonly OutsidePoint[]
  /** One for each worker count, ascending. */
  readonly points: readonly ScalePoint[]
  /** The scaling law through all points, with 95 % intervals; null with `uslMissing` saying why. */
  readonly usl: Omit<UslFit, 'without'> | null
  readonly uslMissing: string | null
  /** Largest distance of a measured mean from the law, as a share of the law; null without one, absent in older results. */
  readonly uslMisses?: number | null
  /** Cores of the machine: worker counts above it have no core each, and their coefficients say so; null = not known. */
  readonly cores: number | null
  /** The worker count with the highest throughput. */
  readonly best: number
  /** The fewest workers whose throughput is at least 95 % of the best. */
  readonly least: number
  /** What limited the fewest workers that suffice and those beyond. */
  readonly limitedBy: string
  readonly blocks: number
  /** Slices that outside signals spoke against; when there are no others they are used all the same. */
  readonly disturbedSlices: number
  readonly slices: number
  /** How many workers a rate needs; absent where none was asked about. */
  readonly needed?: NeededWorkers
}

/** What was found of one worker count, over all blocks. */
export interface ScalePoint {
  readonly workers: number
  readonly throughputPerS: Estimate
  /** Null where it was not measured. */
  readonly cpuMsPerRequest: Estimate | null
  /** Medians over blocks, in milliseconds, in the closed loop at saturation. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Throughput over that of one worker. */
  readonly speedup: number | null
  /** throughput / (min(workers, cores) × calls per second of the bare function); null where that is not known. */
  readonly efficiency: number | null
  readonly limit: string
  readonly because: string
}

/** Throughput within this share of the best counts as the best. */
const NEAR_BEST = 0.95

/**
 * Describes how the throughput of a measured model grows with its workers, and how many a rate needs; null = none is asked
 * about. `barePerS`: see {@link ScalePoint}.
 */
export function scalingOf(
  measurement: CapacityMeasurement,
  barePerS: number | null,
  ratePerS: number | null = null,
): ModelScaling {
  const { model, workload, node, machine, saturations } = measurement
  return {
    model,
    workload,
    ...(node === undefined ? {} : { node }),
    ...describe(saturations, { cores: machine.cores, barePerS, ratePerS }),
  }
}

/** The same of throughput that was measured elsewhere: nothing is known of its CPU, its latency or what limited it. */
export function outsideScaling(
  { name, points }: OutsideSeries,
  axis: ScalingAxis,
  file: string,
  ratePerS: number | null = null,
): ModelScaling {
  const slices = points.map((point) => Object.assign({}, point, UNKNOWN))
  return {
    model: name ?? file,
    workload: 'measured elsewhere',
    ...(axis === 'workers' ? {} : { axis }),
    outside: points,
    ...describe(slices, { cores: null, barePerS: null, ratePerS }),
    limitedBy: '',
  }
}

type Slice = Omit<MeasuredSaturation, 'cpuMsPerRequest' | 'generatorCores' | 'evidence'> & {
  readonly cpuMsPerRequest: number | null
}

const UNKNOWN = {
  cpuMsPerRequest: null,
  limit: 'unknown',
  because: 'measured elsewhere',
  p50Ms: null,
  p99Ms: null,
  disturbed: [],
} as const

/** What is known beside the throughputs; null = not known, or not asked about. */
interface Beside {
  readonly cores: number | null
  readonly barePerS: number | null
  readonly ratePerS: number | null
}

function describe(
  slices: readonly Slice[],
  { cores, barePerS, ratePerS }: Beside,
): Omit<ModelScaling, 'model' | 'workload'> {
  const used = undisturbed(slices, ({ workers }) => workers)
  const counts = countsOf(used)
  const one = estimateOf(used.filter(({ workers }) => workers === 1))
  const points = counts.map((workers) =>
    pointOf(
      used.filter((each) => each.workers === workers),
      cores,
      one,
      barePerS,
    ),
  )
  const highest = Math.max(...points.map((point) => point.throughputPerS.estimate))
  const best = points.find((point) => point.throughputPerS.estimate === highest)
  const least = points.find((point) => point.throughputPerS.estimate >= NEAR_BEST * highest)
  const fit = lawFit(used)
  return {
    points,
    ...lawOf(fit, points),
    cores,
    best: best?.workers ?? 1,
    least: least?.workers ?? 1,
    limitedBy: least === undefined ? '' : `${least.limit}: ${least.because}`,
    blocks: new Set(used.map(({ block }) => block)).size,
    disturbedSlices: slices.filter(({ disturbed }) => disturbed.length > 0).length,
    slices: slices.length,
    ...(ratePerS === null ? {} : { needed: neededWorkers(points, fit, ratePerS) }),
  }
}

function pointOf(
  slices: readonly Slice[],
  cores: number | null,
  one: Estimate | null,
  barePerS: number | null,
): ScalePoint {
  const workers = slices[0]?.workers ?? 1
  const throughputPerS = estimateOf(slices) ?? NOTHING
  const limit = majority(slices.map((slice) => slice.limit))
  const cpu = slices.map((slice) => slice.cpuMsPerRequest).filter((ms) => ms !== null)
  return {
    workers,
    throughputPerS,
    cpuMsPerRequest: cpu.length === 0 ? null : meanInterval(cpu, 0.95),
    p50Ms: middle(slices.map((slice) => slice.p50Ms)),
    p99Ms: middle(slices.map((slice) => slice.p99Ms)),
    speedup: one === null ? null : throughputPerS.estimate / one.estimate,
    efficiency:
      barePerS === null || cores === null ? null : throughputPerS.estimate / (Math.min(workers, cores) * barePerS),
    limit,
    because: slices.find((slice) => slice.limit === limit)?.because ?? '',
  }
}

const NOTHING: Estimate = { estimate: 0, low: 0, high: UNBOUNDED }

function estimateOf(slices: readonly Slice[]): Estimate | null {
  return meanInterval(
    slices.map((slice) => slice.throughputPerS),
    0.95,
  )
}

function lawOf(
  fit: UslFit | null,
  points: readonly ScalePoint[],
): Pick<ModelScaling, 'usl' | 'uslMissing' | 'uslMisses'> {
  if (fit === null) {
    const counts = points.length
    return {
      usl: null,
      uslMissing: `a scaling law needs four worker counts, ${counts} ${counts === 1 ? 'was' : 'were'} measured`,
      uslMisses: null,
    }
  }
  const { without: _, ...usl } = fit
  const misses = points.map(({ workers, throughputPerS }) =>
    Math.abs(throughputPerS.estimate / throughputOf(fit.curve, workers) - 1),
  )
  return { usl, uslMissing: null, uslMisses: Math.max(...misses) }
}

/** The law through throughputs of several blocks; null with too few worker counts. */
function lawFit(points: readonly OutsidePoint[]): UslFit | null {
  return countsOf(points).length < LEAST_COUNTS ? null : fitUsl(blocksOf(points))
}

function countsOf(points: readonly UslPoint[]): number[] {
  return [...new Set(points.map(({ workers }) => workers))].sort((a, b) => a - b)
}

function majority(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown'
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : median(known)
}

/** The fitted throughput at a worker count, with its 95 % interval. */
export interface LawPoint {
  readonly workers: number
  readonly throughputPerS: Estimate
}

/** Most steps of a drawn curve. */
const MOST_STEPS = 400

/** The scaling law as a curve over the counts that were measured; empty with fewer than four. */
export function lawCurve(points: readonly OutsidePoint[]): LawPoint[] {
  const fit = lawFit(points)
  const counts = countsOf(points)
  const [first, last] = [counts[0], counts.at(-1)]
  if (fit === null || first === undefined || last === undefined) return []
  const steps = Math.min(MOST_STEPS, 4 * (last - first))
  return Array.from({ length: steps + 1 }, (_, step) => first + ((last - first) * step) / steps).flatMap((workers) => {
    const predicted = predictThroughput(fit, workers)
    return 'refused' in predicted ? [] : [{ workers, throughputPerS: predicted.throughputPerS }]
  })
}

/** The throughputs of a measurement that count: without slices that other programs disturbed, where there are others. */
export function countedThroughputs({ saturations }: Pick<CapacityMeasurement, 'saturations'>): readonly OutsidePoint[] {
  return undisturbed(saturations, ({ workers }) => workers)
}

function blocksOf(points: readonly OutsidePoint[]): UslPoint[][] {
  const blocks = new Map<number, UslPoint[]>()
  for (const { block, workers, throughputPerS } of points) {
    blocks.set(block, [...(blocks.get(block) ?? []), { workers, throughputPerS }])
  }
  return [...blocks.values()]
}
