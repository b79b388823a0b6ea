import type { CapacityMeasurement, MeasuredSaturation } from '../../../core/capacity.ts'
import { UNBOUNDED, type Estimate } from '../../../core/records.ts'
import { meanInterval } from '../../statistics/interval.ts'
import { median } from '../../statistics/sample.ts'
import { undisturbed } from '../service/service-model.ts'
import type { UslPoint } from './usl-curve.ts'
import { fitUsl, predictThroughput, type UslFit } from './usl.ts'

/** How a model's throughput grows with its workers. */
export interface ModelScaling {
  readonly model: string
  readonly workload: string
  /** Version of the Node that ran it; absent where no Node does, or where it was not kept. */
  readonly node?: string
  /** One for each worker count, ascending. */
  readonly points: readonly ScalePoint[]
  /** The scaling law through all points, with 95 % intervals; null with `uslMissing` saying why. */
  readonly usl: Omit<UslFit, 'without'> | null
  readonly uslMissing: string | null
  /** Cores of the machine: worker counts above it have no core each, and their coefficients say so. */
  readonly cores: number
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
}

/** What was found of one worker count, over all blocks. */
export interface ScalePoint {
  readonly workers: number
  readonly throughputPerS: Estimate
  readonly cpuMsPerRequest: Estimate
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

/** Describes how the throughput of a measured model grows with its workers. `barePerS`: see {@link ScalePoint}. */
export function scalingOf(measurement: CapacityMeasurement, barePerS: number | null): ModelScaling {
  const used = undisturbed(measurement.saturations, ({ workers }) => workers)
  const counts = [...new Set(used.map(({ workers }) => workers))].sort((a, b) => a - b)
  const one = estimateOf(used.filter(({ workers }) => workers === 1))
  const points = counts.map((workers) =>
    pointOf(
      used.filter((each) => each.workers === workers),
      measurement.machine.cores,
      one,
      barePerS,
    ),
  )
  const highest = Math.max(...points.map((point) => point.throughputPerS.estimate))
  const best = points.find((point) => point.throughputPerS.estimate === highest)
  const least = points.find((point) => point.throughputPerS.estimate >= NEAR_BEST * highest)
  return {
    model: measurement.model,
    workload: measurement.workload,
    ...(measurement.node === undefined ? {} : { node: measurement.node }),
    points,
    ...lawOf(used, counts.length),
    cores: measurement.machine.cores,
    best: best?.workers ?? 1,
    least: least?.workers ?? 1,
    limitedBy: least === undefined ? '' : `${least.limit}: ${least.because}`,
    blocks: new Set(used.map(({ block }) => block)).size,
    disturbedSlices: measurement.saturations.filter(({ disturbed }) => disturbed.length > 0).length,
    slices: measurement.saturations.length,
  }
}

function pointOf(
  slices: readonly MeasuredSaturation[],
  cores: number,
  one: Estimate | null,
  barePerS: number | null,
): ScalePoint {
  const workers = slices[0]?.workers ?? 1
  const throughputPerS = estimateOf(slices) ?? NOTHING
  const limit = majority(slices.map((slice) => slice.limit))
  return {
    workers,
    throughputPerS,
    cpuMsPerRequest:
      meanInterval(
        slices.map((slice) => slice.cpuMsPerRequest),
        0.95,
      ) ?? NOTHING,
    p50Ms: middle(slices.map((slice) => slice.p50Ms)),
    p99Ms: middle(slices.map((slice) => slice.p99Ms)),
    speedup: one === null ? null : throughputPerS.estimate / one.estimate,
    efficiency: barePerS === null ? null : throughputPerS.estimate / (Math.min(workers, cores) * barePerS),
    limit,
    because: slices.find((slice) => slice.limit === limit)?.because ?? '',
  }
}

const NOTHING: Estimate = { estimate: 0, low: 0, high: UNBOUNDED }

function estimateOf(slices: readonly MeasuredSaturation[]): Estimate | null {
  return meanInterval(
    slices.map((slice) => slice.throughputPerS),
    0.95,
  )
}

function lawOf(slices: readonly MeasuredSaturation[], counts: number): Pick<ModelScaling, 'usl' | 'uslMissing'> {
  if (counts < 4) {
    return {
      usl: null,
      uslMissing: `a scaling law needs four worker counts, ${counts} ${counts === 1 ? 'was' : 'were'} measured`,
    }
  }
  const { without: _, ...usl } = fitUsl(blocksOf(slices))
  return { usl, uslMissing: null }
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

/** The scaling law as a curve from one worker to the largest count measured; empty with fewer than four counts. */
export function lawCurve(measurement: CapacityMeasurement): LawPoint[] {
  const used = undisturbed(measurement.saturations, ({ workers }) => workers)
  const counts = [...new Set(used.map(({ workers }) => workers))].sort((a, b) => a - b)
  const [first, last] = [counts[0], counts.at(-1)]
  if (counts.length < 4 || first === undefined || last === undefined) return []
  const fit = fitUsl(blocksOf(used))
  return Array.from({ length: 4 * (last - first) + 1 }, (_, step) => first + step / 4).flatMap((workers) => {
    const predicted = predictThroughput(fit, workers)
    return 'refused' in predicted ? [] : [{ workers, throughputPerS: predicted.throughputPerS }]
  })
}

function blocksOf(slices: readonly MeasuredSaturation[]): UslPoint[][] {
  const blocks = new Map<number, UslPoint[]>()
  for (const { block, workers, throughputPerS } of slices) {
    blocks.set(block, [...(blocks.get(block) ?? []), { workers, throughputPerS }])
  }
  return [...blocks.values()]
}
