import { countText } from '../../wording.ts'
import type { Pieces } from '../../pieces.ts'
import { seekSmallestServer, predictFor, type Found, type PlanBasis, type SizingQuery } from './plan-search.ts'
import type { Prediction } from './prediction.ts'

/** The measurement whose result would narrow an answer most. */
export interface BestMeasurement {
  readonly what: 'busy-time' | 'scaling' | 'model-error' | 'none'
  /** What to do, in a sentence with a command. */
  readonly advice: string
  /** Share of the variance of the predicted latency that it would remove, 0…1. */
  readonly share: number
  /** Workers in all if that were known exactly. */
  readonly workersThen: number | null
}

/** A narrower answer than this (half-width of the logarithm) is good enough. */
const NARROW = 0.05

/**
 * Finds which uncertain input contributes most to the width of the first goal's prediction, by leaving out one after
 * another, and what the answer would be without it.
 */
export function* findBestMeasurement(
  found: Extract<Found, { kind: 'server' }>,
  basis: PlanBasis,
  query: SizingQuery,
): Pieces<BestMeasurement> {
  const { machines, workersPerMachine, prediction } = found
  const perMachine = query.ratePerS / machines
  const without = (uncertain: { busy: boolean; model: boolean }): number =>
    logWidth(predictFor(basis, { ...query, uncertain }, workersPerMachine, perMachine))
  const all = logWidth(prediction)
  yield 'the most useful measurement'
  const noise = without({ busy: false, model: false })
  yield
  const busy = Math.max(0, without({ busy: true, model: false }) ** 2 - noise ** 2)
  yield
  const model = Math.max(0, without({ busy: false, model: true }) ** 2 - noise ** 2)
  if (all < NARROW || busy + model === 0) {
    return {
      what: 'none',
      advice: 'The answer is as narrow as its simulation; nothing more need be measured.',
      share: 0,
      workersThen: null,
    }
  }
  const ofBusy = busy > model
  const known = yield* seekSmallestServer(basis, { ...query, uncertain: { busy: !ofBusy, model: ofBusy } })
  return {
    ...(ofBusy ? busyAdvice(found, basis) : modelAdvice(basis)),
    share: Math.max(busy, model) / (busy + model + noise ** 2),
    workersThen: known.kind === 'server' ? known.machines * known.workersPerMachine : null,
  }
}

function busyAdvice(
  { workersPerMachine }: { workersPerMachine: number },
  { measurement, service }: PlanBasis,
): Pick<BestMeasurement, 'what' | 'advice'> {
  const { model } = measurement
  const { largestMeasured, blocks } = service.scaling
  if (workersPerMachine > largestMeasured) {
    return {
      what: 'scaling',
      advice: `Measure throughput with up to ${countText(workersPerMachine, 'worker')} on a machine with as many cores: forkwise scale ${model} --workers 1..${workersPerMachine}`,
    }
  }
  return {
    what: 'busy-time',
    advice: `Measure saturation in more blocks than ${blocks}: forkwise scale ${model} --blocks ${Math.max(8, 2 * blocks)}`,
  }
}

function modelAdvice({ measurement, errors }: PlanBasis): Pick<BestMeasurement, 'what' | 'advice'> {
  const rates = Math.max(...errors.map((error) => error.residuals.length))
  return {
    what: 'model-error',
    advice:
      rates === 0
        ? `Measure latency in open loops that nothing else disturbs, at three rates or more: forkwise capacity ${measurement.model}`
        : `Measure latency at more than ${rates} rates and in more blocks: forkwise capacity ${measurement.model}`,
  }
}

/** Half-width of the first goal's prediction, as a logarithm. */
function logWidth({ latency }: Prediction): number {
  const first = latency[0]?.latencyS
  return first === undefined ? 0 : Math.log(first.high / first.low) / 2
}
