/** Capacity from code: the package export `forkwise/capacity`. Everything here is pure; times are seconds. */
export { simulate, quantileS } from './simulation/simulation.ts'
export { atRate, meanRatePerS, type Arrivals, type BurstyArrivals } from './simulation/arrivals.ts'
export { meanS, scaled, squaredVariation, type Distribution } from './simulation/distribution.ts'
export {
  allenCunneenWaitS,
  erlangB,
  erlangC,
  md1,
  mm1,
  mmc,
  pollaczekKhinchineWaitS,
  roundRobinExponential,
  type Queue,
} from './queueing/queueing.ts'
export { mg1 } from './queueing/mg1.ts'
export { slowdownOf, throughputOf, type UslCurve, type UslPoint } from './scaling/usl-curve.ts'
export {
  fitScaling,
  fitUsl,
  peakOf,
  predictThroughput,
  type UslFit,
  type UslPeak,
  type UslPrediction,
} from './scaling/usl.ts'
export { fitDemand, littleInFlight, utilisation, type DemandFit, type DemandPoint } from './scaling/demand.ts'
export {
  parseSlo,
  judgeSlo,
  type LatencyGoal,
  type Slo,
  type SloJudgement,
  type SloObservation,
} from './objective/slo.ts'
export { searchHighestRate, type SearchPlan, type SearchResult, type SearchTrial } from './objective/slo-search.ts'
export { crossingRate, type RateTrial } from './objective/crossing.ts'
export { parsePlanRequest, type PlanOptions, type PlanRequest } from './planning/plan-request.ts'
export { plan, type ModelPlan, type Plan } from './planning/plan.ts'
export type { CapacityMeasurement, ConnectionUse } from '../../core/capacity.ts'
export type {
  SimulatedClient,
  SimulatedRoute,
  SimulatedServer,
  SimulationResult,
  SimulationSpec,
} from './simulation/specification.ts'
