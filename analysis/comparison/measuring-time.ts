import type { BlockRecord, ExperimentPlan, MeasuringTime, PilotRecord } from '../../core/records.ts'
import { hasFaultyLatencies } from './latencies.ts'
import type { Observations } from './observations.ts'

/**
 * What the time of a comparison went to: the counted seconds of the slices that its figures are made of, and all seconds
 * that pilot and blocks took. Null where the records do not say how long a block took.
 */
export function measuringTime(
  plan: Pick<ExperimentPlan, 'expectedS'>,
  pilot: Pick<PilotRecord, 'tookS'> | null,
  blocks: readonly Pick<BlockRecord, 'tookS'>[],
  { valid }: Pick<Observations, 'valid'>,
): MeasuringTime | null {
  const seconds = [pilot, ...blocks].flatMap((part) => (part?.tookS === undefined ? [] : [part.tookS]))
  if (blocks.length === 0 || seconds.length <= blocks.length) return null
  const slices = valid.flatMap((trial) => {
    const { saturation, latency } = trial
    return latency === null || hasFaultyLatencies(trial) ? [saturation] : [saturation, latency]
  })
  return {
    countedS: sum(slices.map(({ load }) => load.countedS)),
    tookS: sum(seconds),
    announcedS: plan.expectedS,
  }
}

function sum(values: readonly number[]): number {
  return Number(values.reduce((total, value) => total + value, 0).toFixed(3))
}
