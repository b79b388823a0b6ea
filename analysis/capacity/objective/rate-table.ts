import { resolvedQuantiles } from '../../../core/resolved-quantiles.ts'
import type { CapacityMeasurement, MeasuredRate } from '../../../core/capacity.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { LatencySummary } from '../../../core/load.ts'
import { fitDemand, type DemandFit } from '../scaling/demand.ts'
import { measuredS } from '../service/model-error.ts'
import { undisturbed } from '../service/service-model.ts'
import { situationOf, situationsOf } from '../service/situations.ts'
import { judgeSlo, type Slo } from './slo.ts'

/** What was measured of one rate, over all blocks. */
export interface RateRow {
  readonly workers: number
  readonly ratePerS: number
  readonly achievedPerS: number
  /** Share of the throughput at saturation with as many workers; null when that was not measured. */
  readonly load: number | null
  readonly latencyMs: LatencySummary
  readonly cpuCores: number
  readonly errorRatio: number
  readonly met: boolean
  readonly missed: readonly string[]
}

/** Latency against rate for each measured worker count, ascending, judged by an objective. */
export function rateTable(measurement: CapacityMeasurement, slo: Slo): RateRow[] {
  return [...situationsOf(measurement.rates).values()]
    .map((rates) => rowOf(measurement, rates, slo))
    .sort((a, b) => a.workers - b.workers || a.ratePerS - b.ratePerS)
}

/** Judges one open loop by an objective; a quantile that few samples are above is judged all the same. */
export function judgeRate(
  rate: Pick<MeasuredRate, 'histogram' | 'errorRatio'>,
  slo: Slo,
): { met: boolean; missed: readonly string[] } {
  const histogram = LatencyHistogram.fromBase64(rate.histogram)
  return judgeSlo(slo, { latencyS: (goal) => measuredS(histogram, goal, 0), errorRatio: rate.errorRatio })
}

/** CPU per request as the slope of CPU over rates with that many workers; null with fewer than three rates. */
export function demandOf(measurement: CapacityMeasurement, workers: number): DemandFit | null {
  const rates = undisturbed(measurement.rates, situationOf).filter((rate) => rate.workers === workers)
  if (new Set(rates.map((rate) => rate.ratePerS)).size < 3) return null
  return fitDemand(rates.map(({ achievedPerS, cpuCores }) => ({ ratePerS: achievedPerS, cpuCores })))
}

function rowOf(measurement: CapacityMeasurement, rates: readonly MeasuredRate[], slo: Slo): RateRow {
  const [{ workers, ratePerS } = { workers: 1, ratePerS: 0 }] = rates
  const histogram = LatencyHistogram.merged(rates.map((rate) => LatencyHistogram.fromBase64(rate.histogram)))
  const errorRatio = meanOf(rates.map((rate) => rate.errorRatio))
  const saturations = undisturbed(measurement.saturations, (each) => each.workers).filter(
    (each) => each.workers === workers,
  )
  return {
    workers,
    ratePerS,
    achievedPerS: meanOf(rates.map((rate) => rate.achievedPerS)),
    load: saturations.length === 0 ? null : ratePerS / meanOf(saturations.map(({ throughputPerS }) => throughputPerS)),
    latencyMs: resolvedQuantiles(histogram.summaryMs()),
    cpuCores: meanOf(rates.map((rate) => rate.cpuCores)),
    errorRatio,
    ...judgeSlo(slo, { latencyS: (goal) => measuredS(histogram, goal, 0), errorRatio }),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
