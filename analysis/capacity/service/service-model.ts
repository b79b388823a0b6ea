import { ForkwiseError } from '../../../core/errors.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { Estimate } from '../../../core/records.ts'
import { meanS, type Distribution } from '../simulation/distribution.ts'
import type { CapacityMeasurement, MeasuredSaturation } from '../../../core/capacity.ts'
import { shapeOf, type ServerShape } from './server-shape.ts'
import type { SimulatedRoute } from '../simulation/specification.ts'
import type { UslPoint } from '../scaling/usl-curve.ts'
import { fitContention, fitScaling, LEAST_COUNTS, predictThroughput, type UslFit } from '../scaling/usl.ts'

/** What a request costs under a model, made from what was measured, in the terms of the simulation. */
export interface ServiceModel {
  readonly shape: ServerShape
  /** Busy and waiting part of each route with the fewest workers that were measured. */
  readonly routes: readonly SimulatedRoute[]
  /** Mean latency of a request that meets nobody, in seconds. */
  readonly unloadedS: number
  /** CPU seconds of all processes per request. */
  readonly cpuS: number
  /** CPU seconds per second that a worker is busy: 1 for computing, near 0 for workers that block without computing. */
  readonly cpuPerBusy: number
  /** True when computing is at least half of what occupies workers: more of them than cores are of no use then. */
  readonly computing: boolean
  /** Seconds that a request occupies a worker (or slot) with the fewest workers that were measured. */
  readonly baseBusyS: number
  /** How throughput at saturation grows with workers. */
  readonly scaling: UslFit
  /** Seconds that a request occupies one of `workers` workers. */
  busyS(workers: number): BusyTime
}

/** Seconds that one request keeps a worker (or one of its slots) busy. */
export interface BusyTime {
  readonly busyS: Estimate
  /** Standard deviation of its logarithm. */
  readonly logSd: number
  /** True beyond the largest number of workers that was measured. */
  readonly extrapolated: boolean
}

/**
 * Uncertainty that is added to the logarithm of the busy time for each doubling beyond the largest measured worker count
 * where it is predicted by contention alone. Assumed: a coherency of some thousandths would go unseen.
 */
const BLIND_LOG_SD_PER_DOUBLING = 0.1

/** Used while fewer than three blocks show how much throughput varies between them (assumed). */
const UNKNOWN_LOG_SD = 0.05

/** Makes the service model of a measurement. Throws RESULT_INVALID when something it needs was not measured. */
export function serviceModelOf(measurement: CapacityMeasurement): ServiceModel {
  requireParts(measurement)
  const shape = shapeOf(measurement)
  const blocks = saturationBlocks(measurement)
  const scaling = fitScaling(blocks)
  const laws: ScalingLaws = {
    whole: scaling,
    contention: fitContention(blocks),
    hasCoherency: saturationCounts(measurement).length >= LEAST_COUNTS,
  }
  const fewest = Math.min(...saturationCounts(measurement))
  const base = busyTime(laws, fewest)
  const routes = loneRoutes(measurement)
  const weights = routes.map((route) => route.weight)
  const cpuS = meanOf(
    usable(measurement)
      .filter(({ workers }) => workers === fewest)
      .map(({ cpuMsPerRequest }) => cpuMsPerRequest / 1000),
  )
  const busy = busyParts(routes, shape, base.busyS.estimate, cpuS)
  return {
    shape,
    routes: routes.map(({ weight, unloaded }, i) => split(weight, unloaded, busy[i] as number)),
    unloadedS: weighted(
      weights,
      routes.map((route) => meanS(route.unloaded)),
    ),
    cpuS,
    cpuPerBusy: cpuS / weighted(weights, busy),
    computing: cpuS >= base.busyS.estimate / 2,
    baseBusyS: base.busyS.estimate,
    scaling,
    busyS: (workers) => busyTime(laws, workers),
  }
}

/** A measured histogram as a distribution to draw from, in seconds. */
export function distributionOf(histogram: LatencyHistogram): Distribution {
  const recorded = [...histogram.recorded()]
  return {
    kind: 'empirical',
    valuesS: recorded.map(([valueUs]) => valueUs / 1e6),
    counts: recorded.map(([, count]) => count),
  }
}

/**
 * Of each group (a worker count, a rate …) the measurements that nothing outside disturbed; all of a group when every
 * one was, so that no group is lost.
 */
export function undisturbed<T extends { readonly disturbed: readonly string[] }>(
  measured: readonly T[],
  groupOf: (one: T) => string | number,
): readonly T[] {
  const quiet = new Set(measured.filter(({ disturbed }) => disturbed.length === 0).map(groupOf))
  return measured.filter((one) => one.disturbed.length === 0 || !quiet.has(groupOf(one)))
}

/** A route of the mix, from all blocks. */
interface LoneRoute {
  /** Share of the mix, 0…1. */
  readonly weight: number
  /** CPU per request while it was alone, in seconds. */
  readonly cpuS: number
  readonly unloaded: Distribution
}

function loneRoutes(measurement: CapacityMeasurement): LoneRoute[] {
  const names = [...new Set(measurement.routes.map(({ route }) => route))]
  const used = undisturbed(measurement.routes, ({ route }) => route)
  const byName = names.map((name) => used.filter(({ route }) => route === name))
  const total = byName.reduce((sum, routes) => sum + (routes[0]?.weight ?? 0), 0)
  return byName.map((routes) => ({
    weight: (routes[0]?.weight ?? 0) / total,
    cpuS: meanOf(routes.map((route) => route.cpuMsPerRequest / 1000)),
    unloaded: distributionOf(
      LatencyHistogram.merged(routes.map(({ histogram }) => LatencyHistogram.fromBase64(histogram))),
    ),
  }))
}

/** Worker counts whose saturation says what workers can do, ascending. */
export function saturationCounts(measurement: CapacityMeasurement): number[] {
  return [...new Set(usable(measurement).map((saturation) => saturation.workers))].sort((a, b) => a - b)
}

/**
 * The busy part of each route in seconds. An event loop is busy for 1 / X with one worker at saturation, shared among
 * the routes by their CPU (by their latency where workers block without computing); a worker with slots is busy while it
 * computes, and holds its slot while it waits.
 */
function busyParts(routes: readonly LoneRoute[], shape: ServerShape, busyS: number, cpuS: number): number[] {
  const weights = routes.map((route) => route.weight)
  const alone = routes.map((route) => route.cpuS)
  const lone = routes.map((route) => meanS(route.unloaded))
  if (shape.slots !== Infinity) {
    const factor = cpuS / weighted(weights, alone)
    return alone.map((each, i) => Math.min(each * factor, lone[i] as number))
  }
  const shares = cpuS >= busyS / 2 ? alone : lone
  const factor = busyS / weighted(weights, shares)
  return shares.map((share) => share * factor)
}

/** Splits the latency of an unloaded request into its busy and its waiting part; the larger one gets the variation. */
function split(weight: number, unloaded: Distribution, busyS: number): SimulatedRoute {
  const totalS = meanS(unloaded)
  if (busyS >= totalS / 2) {
    return {
      weight,
      cpu: stretched(unloaded, busyS / totalS),
      wait: { kind: 'constant', valueS: Math.max(0, totalS - busyS) },
    }
  }
  return { weight, cpu: { kind: 'constant', valueS: busyS }, wait: shifted(unloaded, -busyS), cpuAfterWait: 0.5 }
}

/** The two laws by which busy times grow with workers: the whole one, and one without coherency. */
interface ScalingLaws {
  readonly whole: UslFit
  readonly contention: UslFit
  /** Whether enough worker counts were measured for the whole law to have coherency; else the two are the same. */
  readonly hasCoherency: boolean
}

/**
 * Between measured counts by the whole law. Beyond them, unless the coherency of the whole law is certain, by contention
 * alone where that is less uncertain: three coefficients from few counts that lie close together say less about twice as
 * many workers than two, with an allowance for what two cannot see.
 */
function busyTime({ whole, contention, hasCoherency }: ScalingLaws, workers: number): BusyTime {
  const found = busyBy(whole, workers, 0)
  if (workers <= whole.largestMeasured || (whole.kappa !== null && whole.kappa.low > 0)) return found
  const simpler = busyBy(contention, workers, BLIND_LOG_SD_PER_DOUBLING * Math.log2(workers / whole.largestMeasured))
  const isWhole = hasCoherency && whole.kappa !== null && found.logSd < simpler.logSd
  return isWhole ? found : simpler
}

function busyBy(law: UslFit, workers: number, blindLogSd: number): BusyTime {
  const prediction = predictThroughput(law, workers)
  if ('refused' in prediction) throw new ForkwiseError('RESULT_INVALID', { message: prediction.refused })
  const { throughputPerS, extrapolated } = prediction
  const measuredSd = law.blocks < 3 ? UNKNOWN_LOG_SD : Math.log(throughputPerS.high / throughputPerS.low) / 2 / 2
  const busyS = workers / throughputPerS.estimate
  const logSd = Math.hypot(measuredSd, blindLogSd)
  return {
    busyS: { estimate: busyS, low: busyS * Math.exp(-2 * logSd), high: busyS * Math.exp(2 * logSd) },
    logSd,
    extrapolated,
  }
}

/**
 * What each number of workers can do, by block. A saturation that the workers limited says it directly. One that the
 * machine (more workers than cores, or a generator on the same cores) or the dependency limited says only what a request
 * costs; what the workers could do with a core each follows from that.
 */
function saturationBlocks(measurement: CapacityMeasurement): UslPoint[][] {
  const limited = usable(measurement).filter((saturation) => isLimitedByWorkers(saturation))
  const ratios = limited.map(busyPerCpu)
  const ratio = ratios.length === 0 ? 1 : ratios.reduce((sum, each) => sum + each, 0) / ratios.length
  const blocks = new Map<number, UslPoint[]>()
  for (const saturation of usable(measurement)) {
    const { block, workers, throughputPerS, cpuMsPerRequest } = saturation
    const possible = isLimitedByWorkers(saturation) ? throughputPerS : workers / ((cpuMsPerRequest / 1000) * ratio)
    blocks.set(block, [...(blocks.get(block) ?? []), { workers, throughputPerS: possible }])
  }
  return [...blocks.values()]
}

/** Saturations that say something about workers: not those that a proxy, a supervisor or too few connections limit. */
function usable({ saturations, machine }: CapacityMeasurement): readonly MeasuredSaturation[] {
  return undisturbed(saturations, ({ workers }) => workers).filter(
    (saturation) =>
      isLimitedByWorkers(saturation) ||
      (saturation.workers <= machine.cores && ['machine', 'generator', 'dependency'].includes(saturation.limit)),
  )
}

function isLimitedByWorkers({ limit }: MeasuredSaturation): boolean {
  // What limits an app inside, each of its processes has.
  return limit === 'workers' || limit === 'app' || limit === 'unknown'
}

function busyPerCpu({ workers, throughputPerS, cpuMsPerRequest }: MeasuredSaturation): number {
  return workers / throughputPerS / (cpuMsPerRequest / 1000)
}

function requireParts(measurement: CapacityMeasurement): void {
  if (measurement.routes.length > 0 && usable(measurement).length > 0) return
  throw new ForkwiseError('RESULT_INVALID', {
    message:
      `Expected a measurement of \`${measurement.model}\` with unloaded latencies and a saturation that its workers limit, ` +
      `got ${measurement.routes.length} routes and ${usable(measurement).length} such saturations.`,
    hint: `Measure it: forkwise capacity ${measurement.model} --slo 'p99<200ms'`,
  })
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function weighted(weights: readonly number[], values: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * (values[i] as number), 0)
}

function stretched(distribution: Distribution, factor: number): Distribution {
  return mapped(distribution, (value) => value * factor)
}

function shifted(distribution: Distribution, byS: number): Distribution {
  return mapped(distribution, (value) => Math.max(0, value + byS))
}

function mapped(distribution: Distribution, change: (valueS: number) => number): Distribution {
  if (distribution.kind !== 'empirical') throw new RangeError('Expected a measured distribution.')
  return { ...distribution, valuesS: distribution.valuesS.map(change) }
}
