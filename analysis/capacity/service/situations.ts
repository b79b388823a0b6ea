import type { CapacityMeasurement, MeasuredRate } from '../../../core/capacity.ts'
import { mean } from '../../statistics/sample.ts'
import type { Scenario } from './scenario-simulation.ts'
import { undisturbed, type ServiceModel } from './service-model.ts'
import type { LatencyGoal } from '../objective/slo.ts'

/** Fewer slices of a situation do not show which of them is unusual. */
const LEAST_SLICES = 3

/** Samples above a quantile that a slice needs to resolve it. */
const LEAST_ABOVE_EACH = 2

/** Names the situation of a measurement: its workers and its rate. */
export function situationOf({ workers, ratePerS }: Pick<MeasuredRate, 'workers' | 'ratePerS'>): string {
  return `${workers} × ${ratePerS}`
}

/** The measured situations with their slices over all blocks, those left out that something outside disturbed. */
export function situationsOf(rates: readonly MeasuredRate[]): Map<string, readonly MeasuredRate[]> {
  const situations = new Map<string, MeasuredRate[]>()
  for (const rate of undisturbed(rates, situationOf)) {
    const key = situationOf(rate)
    situations.set(key, [...(situations.get(key) ?? []), rate])
  }
  return situations
}

/** The situation of slices of the same workers and rate as a scenario for the simulation. */
export function scenarioOf(measurement: CapacityMeasurement, rates: readonly MeasuredRate[]): Scenario {
  const achievedPerS = mean(rates.map((rate) => rate.achievedPerS))
  return {
    workers: rates[0]?.workers ?? 1,
    ratePerS: mean(rates.map((rate) => rate.ratePerS)),
    cores: measurement.machine.cores,
    besideCpuS: achievedPerS === 0 ? 0 : mean(rates.map((rate) => rate.generatorCores)) / achievedPerS,
  }
}

/**
 * Whether a situation's latency is the trimmed mean of its slices ({@link trimmedGeometricMean}): where each has some
 * samples above the quantile. Then one slice in which the machine stood still for a moment does not decide. Where slices
 * are too short, the tail of all latencies together is used, and such a slice does decide.
 */
export function hasEnoughSamplesPerSlice(
  rates: readonly MeasuredRate[],
  { quantile }: Pick<LatencyGoal, 'quantile'>,
): boolean {
  if (rates.length < LEAST_SLICES) return false
  const above = quantile === null ? 1 : 1 - quantile
  return rates.every(
    ({ achievedPerS, arrivals }) => (arrivals?.durationS ?? 0) * achievedPerS * above >= LEAST_ABOVE_EACH,
  )
}

/** The geometric mean of values without the lowest and the highest quarter, at least one each. */
export function trimmedGeometricMean(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b)
  const left = Math.max(1, Math.floor(values.length / 4))
  return Math.exp(mean(ascending.slice(left, ascending.length - left).map(Math.log)))
}

/**
 * How much longer than usual requests kept workers busy in these slices because the machine was slower: CPU per request
 * over that in the measured slices of as many workers, so far as workers compute while they are busy. 1 where no slice
 * of as many workers was measured.
 */
export function slownessOf(
  measurement: CapacityMeasurement,
  { cpuPerBusy }: Pick<ServiceModel, 'cpuPerBusy'>,
  slices: readonly MeasuredRate[],
): number {
  const workers = slices[0]?.workers
  const usual = undisturbed(measurement.rates, situationOf).filter((rate) => rate.workers === workers)
  const [costS, usualS] = [cpuPerRequestS(slices), cpuPerRequestS(usual)]
  if (costS === null || usualS === null) return 1
  return 1 + Math.min(1, cpuPerBusy) * (costS / usualS - 1)
}

function cpuPerRequestS(rates: readonly MeasuredRate[]): number | null {
  const costs = rates.filter(({ achievedPerS }) => achievedPerS > 0).map((rate) => rate.cpuCores / rate.achievedPerS)
  const cost = costs.length === 0 ? 0 : mean(costs)
  return cost > 0 ? cost : null
}
