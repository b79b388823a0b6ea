import type { CapacityMeasurement, MeasuredRate } from '../../../core/capacity.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import { finish, type Pieces } from '../../pieces.ts'
import { median } from '../../statistics/sample.ts'
import { replayArrivals } from './replay.ts'
import { loadsOf } from './scenario-simulation.ts'
import { serviceModelOf, type BusyTime, type ServiceModel } from './service-model.ts'
import { scenarioOf, situationsOf, slownessOf } from './situations.ts'

/** Factor on the busy time of `workers` workers with which the simulation agrees with what was measured. */
export interface BusyCorrection {
  readonly workers: number
  readonly factor: number
}

/** Between these multiples of the busy time the one that fits is sought, with `REFINEMENTS` simulations after the first two. */
const FACTORS = { least: 0.8, most: 1.4 } as const
const REFINEMENTS = 4

/** Quantiles that are compared: the tail is too much a matter of chance. */
const QUANTILES = [0.5, 0.9] as const

/** Slices above this load are left out: latency there is a matter of a few long queues. */
const HIGHEST_LOAD = 0.9

/** Share that the latency must follow the busy time by for a slice to be evidence about it. */
const LEAST_SENSITIVITY = 0.5

/** Largest excess that is distinguished, as a logarithm. */
const MOST_EXCESS = 2

/** Slices for which the assumption of no correction counts. */
const PRIOR_SLICES = 1

/** Fewest requests of a slice that are compared. */
const LEAST_REQUESTS = 100

/** The service model of a measurement, its busy times corrected by the latencies that were measured at known rates. */
export function calibratedModelOf(measurement: CapacityMeasurement): ServiceModel {
  return finish(calibrateModel(measurement))
}

/** As {@link calibratedModelOf}, one slice at a time. */
export function* calibrateModel(measurement: CapacityMeasurement): Pieces<ServiceModel> {
  const service = serviceModelOf(measurement)
  const corrections = yield* correctBusyTimes(measurement, service)
  if (corrections.length === 0) return service
  return { ...service, busyS: (workers) => times(service.busyS(workers), factorAt(corrections, workers)) }
}

/**
 * How much longer than at saturation a request keeps a worker busy at the rates of an open loop, for each measured
 * worker count, ascending. For each slice, the factor with which its simulation (same arrivals) has the measured median
 * and 90th percentile (mean of their logarithms); of these the median, drawn towards 1 as if one more slice had found 1.
 * Slices whose arrivals are not known are no evidence, since the luck of the arrivals is as large as what is sought. Covers
 * what a worker waits for a core, and processors that are slower when they were idle.
 */
export function busyCorrections(measurement: CapacityMeasurement, service: ServiceModel): BusyCorrection[] {
  return finish(correctBusyTimes(measurement, service))
}

function* correctBusyTimes(measurement: CapacityMeasurement, service: ServiceModel): Pieces<BusyCorrection[]> {
  const logs = new Map<number, number[]>()
  for (const slices of situationsOf(measurement.rates).values()) {
    for (const slice of slices) {
      yield
      const log = logFactorOf(measurement, service, slice)
      if (log !== null) logs.set(slice.workers, [...(logs.get(slice.workers) ?? []), log])
    }
  }
  return [...logs]
    .map(([workers, found]) => ({
      workers,
      factor: Math.exp((median(found) * found.length) / (found.length + PRIOR_SLICES)),
    }))
    .sort((a, b) => a.workers - b.workers)
}

/** The correction at any worker count: between measured ones in proportion to doublings, beyond them that of the nearest. */
function factorAt(corrections: readonly BusyCorrection[], workers: number): number {
  const above = corrections.find((each) => each.workers >= workers) ?? corrections.at(-1)
  const below = corrections.findLast((each) => each.workers <= workers) ?? corrections[0]
  if (above === undefined || below === undefined) return 1
  if (above.workers <= below.workers) return below.factor
  const share = Math.log(workers / below.workers) / Math.log(above.workers / below.workers)
  return below.factor * (above.factor / below.factor) ** share
}

/** Null where a slice is no evidence about the busy time. */
function logFactorOf(measurement: CapacityMeasurement, service: ServiceModel, slice: MeasuredRate): number | null {
  const { arrivals } = slice
  const scenario = scenarioOf(measurement, [slice])
  const { load } = loadsOf(service, scenario, service.busyS(scenario.workers).busyS.estimate)
  const histogram = LatencyHistogram.fromBase64(slice.histogram)
  if (arrivals === undefined || load > HIGHEST_LOAD || histogram.count < LEAST_REQUESTS) return null
  const measured = meanLog(QUANTILES.map((quantile) => (histogram.quantileUs(quantile) ?? 0) / 1e6))
  const slowness = slownessOf(measurement, service, [slice])
  /** How far above the measured latency that of a factor is; limited, so that endless queues can be computed with. */
  const excess = (logFactor: number): number =>
    Math.min(
      MOST_EXCESS,
      meanLog(replayArrivals(measurement, service, scenario, arrivals, slowness * Math.exp(logFactor), QUANTILES)) -
        measured,
    )
  let low = { at: Math.log(FACTORS.least), excess: excess(Math.log(FACTORS.least)) }
  let high = { at: Math.log(FACTORS.most), excess: excess(Math.log(FACTORS.most)) }
  if (high.excess - low.excess < LEAST_SENSITIVITY * (high.at - low.at)) return null
  if (low.excess >= 0) return low.at
  if (high.excess <= 0) return high.at
  for (let i = 0; i < REFINEMENTS; i++) {
    // Halving and interpolating in turn: the latency bends upwards, so that interpolating alone closes in from one side.
    const share = i % 2 === 0 ? low.excess / (low.excess - high.excess) : 0.5
    const at = low.at + share * (high.at - low.at)
    const middle = { at, excess: excess(at) }
    if (middle.excess < 0) low = middle
    else high = middle
  }
  return low.at + (low.excess / (low.excess - high.excess)) * (high.at - low.at)
}

function times(busy: BusyTime, factor: number): BusyTime {
  const { estimate, low, high } = busy.busyS
  return { ...busy, busyS: { estimate: estimate * factor, low: low * factor, high: high * factor } }
}

function meanLog(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.log(value), 0) / values.length
}
