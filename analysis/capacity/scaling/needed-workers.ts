import { UNBOUNDED, type Estimate } from '../../../core/records.ts'
import { HIGHEST_LOAD } from '../planning/plan-search.ts'
import { predictThroughput, type UslFit } from './usl.ts'

/** How many workers a rate needs, by throughput alone: latency is not looked at. */
export interface NeededWorkers {
  readonly ratePerS: number
  /** The fewest whose throughput suffices by its lower bound; null = no number that can be told. */
  readonly workers: number | null
  /** Throughput of that many, or of the best number that was looked at. */
  readonly throughputPerS: Estimate
  /** The number of workers of `throughputPerS`. */
  readonly at: number
  /** Whether they were measured, or are foretold by the scaling law. */
  readonly basis: 'measured' | 'law'
  /** False where one repetition has no interval, so that the estimate had to do. */
  readonly certain: boolean
}

/** Throughput of a worker count, over all blocks. */
interface MeasuredThroughput {
  readonly workers: number
  readonly throughputPerS: Estimate
}

interface Candidate extends MeasuredThroughput {
  readonly basis: NeededWorkers['basis']
}

/** Most counts between and beyond the measured ones that the law is asked about. */
const MOST_COUNTS = 2000

/**
 * The fewest workers that carry a rate at a load of at most 0.8, by the lower 95 % bound of their throughput: as it was
 * measured, or as the scaling law foretells it up to twice the largest count.
 */
export function neededWorkers(
  points: readonly MeasuredThroughput[],
  law: UslFit | null,
  ratePerS: number,
): NeededWorkers {
  const wantedPerS = ratePerS / HIGHEST_LOAD
  const candidates = [...measuredCandidates(points), ...lawCandidates(points, law)].toSorted(
    (a, b) => a.workers - b.workers,
  )
  const found = candidates.find(({ throughputPerS }) => lowest(throughputPerS) >= wantedPerS)
  const best = found ?? candidates.toSorted((a, b) => lowest(b.throughputPerS) - lowest(a.throughputPerS))[0]
  const { workers = 1, throughputPerS = { estimate: 0, low: 0, high: UNBOUNDED }, basis = 'measured' } = best ?? {}
  return {
    ratePerS,
    workers: found === undefined ? null : workers,
    throughputPerS,
    at: workers,
    basis,
    certain: hasInterval(throughputPerS),
  }
}

function measuredCandidates(points: readonly MeasuredThroughput[]): Candidate[] {
  return points.map(({ workers, throughputPerS }) => ({ workers, throughputPerS, basis: 'measured' as const }))
}

function lawCandidates(points: readonly MeasuredThroughput[], law: UslFit | null): Candidate[] {
  if (law === null) return []
  const measured = new Set(points.map(({ workers }) => workers))
  const most = Math.min(2 * law.largestMeasured, MOST_COUNTS)
  return Array.from({ length: most }, (_, index) => index + 1).flatMap((workers): Candidate[] => {
    if (measured.has(workers)) return []
    const predicted = predictThroughput(law, workers)
    return 'refused' in predicted ? [] : [{ workers, throughputPerS: predicted.throughputPerS, basis: 'law' }]
  })
}

function lowest(estimate: Estimate): number {
  return hasInterval(estimate) ? estimate.low : estimate.estimate
}

/** True where several repetitions gave an interval: one alone bounds a throughput neither below nor above. */
export function hasInterval(estimate: Estimate | undefined): boolean {
  return estimate !== undefined && estimate.high < UNBOUNDED && estimate.low > 0
}
