import { formatCount, formatRate } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import type { ModelCapacity } from '../../analysis/capacity/objective/capacity-result.ts'
import type { ModelScaling, ScalePoint } from '../../analysis/capacity/scaling/scaling.ts'
import { hasInterval } from '../../analysis/capacity/scaling/needed-workers.ts'
import { countText, listText } from '../../analysis/wording.ts'
import { intervalText } from './table.ts'

/** A worker count whose throughput reaches this share of the best one is as good. */
const NEAR_BEST = 0.95

/** How many workers suffice, with what is uncertain about it: `2 workers are the fewest within 5 % of the best (3)`. */
export function leastText({
  least,
  best,
  points,
  axis,
}: Pick<ModelScaling, 'least' | 'best' | 'points' | 'axis'>): string {
  const few =
    axis === 'concurrency'
      ? `a concurrency of ${least} is the lowest`
      : `${least === 1 ? 'one worker is' : `${least} workers are`} the fewest`
  const doubt = leastDoubt(points, least, best)
  return `${few} within 5 % of the best (${best})${doubt === null ? '' : `, but ${doubt}`}`
}

/** What limited it; empty where that is not known of data that were measured elsewhere. */
export function limitText({ limitedBy }: Pick<ModelScaling, 'limitedBy'>): string {
  return limitedBy === '' ? '' : `Limited by ${limitedBy}.`
}

/** How many workers a rate needs, by throughput alone; empty where none was asked about. */
export function neededText({ needed, axis }: Pick<ModelScaling, 'needed' | 'axis'>): string {
  if (needed === undefined) return ''
  const { ratePerS, workers, throughputPerS, at, basis, certain } = needed
  const count = sizeText(at, axis)
  const throughput = `${formatRate(throughputPerS.estimate)}${certain ? ` (${intervalText(throughputPerS, formatRate)})` : ', without an interval'}`
  const source = basis === 'law' ? 'by the scaling law, not measured' : 'as measured'
  const bound = certain ? 'by the lower bound' : 'with one repetition, so that nothing is said of how sure that is'
  return workers === null
    ? `${formatRate(ratePerS)} at a load of at most 0.8 is more than any number that can be told of carries: the most is ${throughput} with ${count}, ${source}.`
    : `${formatRate(ratePerS)} needs ${count} at a load of at most 0.8 ${bound}: ${throughput}, ${source}. Throughput says nothing of latency: confirm it under that rate.`
}

/** A worker count, or a concurrency, in words. */
export function sizeText(count: number, axis: ModelScaling['axis']): string {
  return axis === 'concurrency' ? `a concurrency of ${count}` : countText(count, 'worker')
}

/** Why another count could be the fewest as well; null where the intervals leave no doubt, or only one count was measured. */
function leastDoubt(points: readonly ScalePoint[], least: number, best: number): string | null {
  if (points.length < 2) return null
  const of = (workers: number): Estimate | undefined =>
    points.find((point) => point.workers === workers)?.throughputPerS
  const [chosen, most] = [of(least), of(best)]
  if (chosen === undefined || most === undefined) return null
  const bare = [...new Set([least, best])].filter((workers) => !hasInterval(of(workers)))
  if (bare.length > 0) {
    return `that is not certain: of ${listText(bare.map(String))} too few blocks are left for an interval`
  }
  const wanted = NEAR_BEST * most.estimate
  const fewer = points.filter(({ workers, throughputPerS }) => workers < least && throughputPerS.high >= wanted)
  if (fewer.length > 0)
    return `by the intervals ${listText(fewer.map(({ workers }) => String(workers)))} may do as well`
  return least !== best && chosen.low < NEAR_BEST * wanted ? 'their interval reaches well below that' : null
}

/** What a scaling law says, in a sentence or two. */
export function lawText({ usl, uslMissing, uslMisses = null, cores, points, axis }: ModelScaling): string {
  if (usl === null) return `No scaling law: ${uslMissing ?? 'not fitted'}.`
  const { curve, sigma, kappa, peak, peakWorkers, largestMeasured } = usl
  const peakText =
    peak === null
      ? 'no peak'
      : peak.workers > 2 * largestMeasured
        ? `a peak beyond what can be estimated from ${sizeText(largestMeasured, axis)}`
        : `a peak at ${axis === 'concurrency' ? `a concurrency of ${formatCount(peak.workers)}` : `${formatCount(peak.workers)} workers`} (${peakWorkers === null ? '–' : intervalText(peakWorkers, formatCount)}), ${formatRate(peak.throughputPerS)}`
  const crowded = points.filter(({ workers, limit }) => cores !== null && workers > cores && limit === 'machine').length
  const mixed =
    crowded === 0
      ? ''
      : ` It includes counts of more workers than the ${cores} core${cores === 1 ? '' : 's'}: what they lack in cores counts as contention and coherency.`
  return `Scaling law: contention σ ${coefficientText(curve.sigma, sigma)}, coherency κ ${coefficientText(curve.kappa, kappa)}, ${peakText}.${mixed}${misfitText(uslMisses, points)}`
}

/** Above this share a law does not describe what was measured. */
const MISFIT = 0.1

/** Says so where the law is not the shape of the data: what it foretells is not to be relied on then. */
function misfitText(misses: number | null, points: readonly ScalePoint[]): string {
  const [first] = points
  const superlinear =
    first !== undefined &&
    points.some(
      ({ workers, throughputPerS }) =>
        throughputPerS.estimate / first.throughputPerS.estimate > (1 + MISFIT) * (workers / first.workers),
    )
  const faster = superlinear
    ? ' Throughput grows faster than the count (superlinear), which no σ or κ from 0 up can describe: the first ones lacked something that later ones had.'
    : ''
  return misses === null || misses <= MISFIT
    ? faster
    : `${faster} The law misses what was measured by up to ${percent(misses)}: do not plan with it.`
}

/** A coefficient at the edge of what it can be has no interval: every block was fitted best there. */
function coefficientText(value: number, interval: Estimate | null): string {
  if (interval === null) return percent(value)
  if (interval.low === interval.high) return `${percent(value)} (at its limit in every block, so without an interval)`
  return `${percent(value)} (${intervalText(interval, percent)})`
}

/** What is known of higher rates than the one that meets the objective. */
export function upperText({ search, rates }: ModelCapacity): string {
  const { passedPerS, failedPerS } = search
  if (failedPerS !== null) return `${formatRate(failedPerS)} did not`
  const isHigher = ({ ratePerS }: { ratePerS: number }): boolean => passedPerS !== null && ratePerS > passedPerS
  const missed = rates.filter((row) => isHigher(row) && !row.met).map(({ ratePerS }) => ratePerS)
  const failed = search.steps.filter((step) => isHigher(step) && !step.passed).map(({ ratePerS }) => ratePerS)
  const all = [...new Set([...missed, ...failed])]
  if (all.length > 0) {
    const rate = `${formatRate(Math.min(...all))}${all.length === 1 ? '' : ` and ${all.length - 1} more above it`}`
    return `of higher rates ${rate} missed it, but no search has confirmed one`
  }
  return rates.some(isHigher) || search.steps.some(isHigher)
    ? 'no higher rate was confirmed to miss it'
    : 'nothing higher was tried'
}
