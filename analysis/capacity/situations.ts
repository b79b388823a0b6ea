import type { CapacityMeasurement, MeasuredRate } from '../../core/capacity.ts'
import { mean, median } from '../statistics/sample.ts'
import type { Scenario } from './scenario-simulation.ts'
import { undisturbed } from './service-model.ts'

/** CPU per request above this multiple of its situation's median says that the machine was slower than usual. */
const SLOW_MACHINE = 1.08

/** Fewer slices of a situation cannot tell which of them is unusual. */
const LEAST_SLICES = 3

/** Names the situation of a measurement: its workers and its rate. */
export function situationOf({ workers, ratePerS }: Pick<MeasuredRate, 'workers' | 'ratePerS'>): string {
  return `${workers} × ${ratePerS}`
}

/**
 * The measured situations with their slices, over all blocks: without those that something outside disturbed, and
 * without those in which a request cost over 8 % more CPU than in the others of the situation, which the same requests
 * do only where the machine itself was slower.
 */
export function situationsOf(rates: readonly MeasuredRate[]): Map<string, readonly MeasuredRate[]> {
  const situations = new Map<string, MeasuredRate[]>()
  for (const rate of undisturbed(rates, situationOf)) {
    const key = situationOf(rate)
    situations.set(key, [...(situations.get(key) ?? []), rate])
  }
  return new Map([...situations].map(([key, slices]) => [key, ofUsualSpeed(slices)]))
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

function ofUsualSpeed(slices: readonly MeasuredRate[]): readonly MeasuredRate[] {
  if (slices.length < LEAST_SLICES) return slices
  const costs = slices.map(({ cpuCores, achievedPerS }) => (achievedPerS === 0 ? 0 : cpuCores / achievedPerS))
  const usual = median(costs)
  return slices.filter((_, i) => (costs[i] as number) <= SLOW_MACHINE * usual)
}
