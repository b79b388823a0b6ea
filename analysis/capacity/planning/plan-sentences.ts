import { countText } from '../../wording.ts'
import { formatDuration, formatRate } from '../../../core/quantities.ts'
import { percent } from '../objective/slo.ts'
import { goalText, mostWorkers, type PlanBasis, type SizingQuery } from './plan-search.ts'
import type { Prediction } from './prediction.ts'

/** A server that meets the objective, as far as sentences speak of it. */
export interface SizedServer {
  readonly machines: number
  readonly workersPerMachine: number
  readonly coresPerMachine: number
  readonly prediction: Prediction
}

/** A rate per worker that is at most this multiple of the highest measured one counts as measured. */
const NEARLY_MEASURED = 1.1

/** The answer in one sentence: the size, and what is predicted of it. */
export function sentenceOf(server: SizedServer, basis: PlanBasis, ratePerS: number): string {
  const { machines, workersPerMachine, prediction } = server
  const size =
    machines === 1
      ? `${countText(workersPerMachine, 'worker')} on one machine`
      : `${countText(machines, 'machine')} with ${countText(workersPerMachine, 'worker')} each`
  const latency = basis.slo.latency
    .map((goal, i) => {
      const { estimate = Number.NaN, high = Number.NaN } = prediction.latency[i]?.latencyS ?? {}
      return `${goal.name} ${formatDuration(estimate)} (at most ${formatDuration(high)}, wanted ${goalText(goal)})`
    })
    .join(', ')
  return `${size} for ${formatRate(ratePerS)}: ${latency} at load ${percent(prediction.load)}${idleText(server, basis)}`
}

/** Why several machines are needed although some of their cores stay idle; empty where none do. */
function idleText({ machines, workersPerMachine, coresPerMachine }: SizedServer, basis: PlanBasis): string {
  const { measurement, service } = basis
  const idle = coresPerMachine - workersPerMachine
  const most = mostWorkers(basis, coresPerMachine)
  if (machines === 1 || idle <= 0 || measurement.fixedSize || !service.computing || most >= coresPerMachine) return ''
  return `; ${idle} of the ${countText(coresPerMachine, 'core')} of each machine stay idle, since no more than ${countText(most, 'worker')} can be predicted from the ${service.scaling.largestMeasured} that were measured`
}

/** What a plan takes for granted. */
export function assumptionsOf(basis: PlanBasis, query: SizingQuery): string[] {
  const { measurement, service, errors } = basis
  const most = mostWorkers(basis, query.cores)
  const assumed = [
    'arrivals are Poisson; machines get random shares of the rate',
    `each machine has ${countText(query.cores, 'core')}, and a price counts all of them, those that stay idle too`,
  ]
  assumed.push(
    measurement.connections === null
      ? 'every request comes on a connection of its own'
      : `clients keep ${measurement.connections.count} connections per machine, as when it was measured`,
  )
  if (errors.some((error) => error.residuals.length < 3)) {
    assumed.push(
      'the simulation is within 15 % of the truth in two of three cases: too few rates were measured to estimate it',
    )
  }
  if (service.scaling.blocks < 3)
    assumed.push('throughput varies by 5 % between blocks: fewer than three were measured')
  if (!measurement.fixedSize && service.computing && most < query.cores) {
    assumed.push(
      `at most ${countText(most, 'worker')} per machine are predicted, twice the ${service.scaling.largestMeasured} that were measured`,
    )
  }
  return assumed
}

/** Why an answer is not among what was measured; empty when it is. */
export function extrapolationsOf(basis: PlanBasis, query: SizingQuery, machines: number, workers: number): string[] {
  const { measurement, service } = basis
  const reasons: string[] = []
  const { largestMeasured } = service.scaling
  if (workers > largestMeasured)
    reasons.push(`${countText(workers, 'worker')} per machine, ${largestMeasured} measured`)
  if (query.cores > measurement.machine.cores) {
    reasons.push(`machines with ${query.cores} cores, measured on ${measurement.machine.cores}`)
  }
  const perWorker = measurement.rates.map((rate) => rate.ratePerS / rate.workers)
  const highest = Math.max(0, ...perWorker)
  const wanted = query.ratePerS / machines / workers
  if (wanted > highest * NEARLY_MEASURED) {
    reasons.push(
      highest === 0
        ? 'latency was measured at no rate, only throughput'
        : `${formatRate(wanted)} per worker, ${formatRate(highest)} measured`,
    )
  }
  return reasons
}
