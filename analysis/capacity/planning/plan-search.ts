import { formatCount, formatDuration, formatRate } from '../../../core/quantities.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { finish, type Pieces } from '../../pieces.ts'
import { errorAt, type ModelError } from '../service/model-error.ts'
import { predict, type Effort, type Prediction, type Uncertainty } from './prediction.ts'
import { latencyS, loadsOf, simulateScenario, type Loads, type Scenario } from '../service/scenario-simulation.ts'
import type { ServiceModel } from '../service/service-model.ts'
import { percent, type LatencyGoal, type Slo } from '../objective/slo.ts'

/** All that is known of a model when servers for it are sought. */
export interface PlanBasis {
  readonly measurement: CapacityMeasurement
  readonly service: ServiceModel
  readonly slo: Slo
  /** One for each goal of the objective. */
  readonly errors: readonly ModelError[]
}

/** What is sought a server for: a rate, and everything of the scenario that stays as it is. */
export interface SizingQuery {
  readonly ratePerS: number
  readonly cores: number
  readonly effort: Effort
  readonly uncertain?: Uncertainty
  readonly setting?: SizingSetting
}

/** What a what-if changes. */
export type SizingSetting = Pick<Scenario, 'arrivals' | 'connections' | 'busyFactor' | 'waitFactor'>

/** A server that was found, or the reason why there is none. */
export type Found =
  | {
      readonly kind: 'server'
      readonly machines: number
      readonly workersPerMachine: number
      readonly prediction: Prediction
    }
  /** No number of workers meets it. */
  | { readonly kind: 'impossible'; readonly because: string }
  /** What was measured does not suffice to decide. */
  | { readonly kind: 'refused'; readonly because: string }

/** A server that was found. */
export type FoundServer = Extract<Found, { readonly kind: 'server' }>

/** Highest load that is planned for. */
export const HIGHEST_LOAD = 0.8

/** A load of one worker below which less of it changes nothing. */
const ALMOST_IDLE = 0.02

/** Machines are counted to this share of them: the rest is within what is uncertain anyway. */
const NEAR_ENOUGH = 0.01

/** More machines are not tried. */
const MOST_MACHINES = 10_000

/**
 * The fewest machines, and on them the fewest workers, whose upper 95 % bounds meet the objective at a load of at most
 * 0.8. Requests are spread over machines at random. No more workers per machine are tried than twice those measured.
 */
export function findSmallestServer(basis: PlanBasis, query: SizingQuery): Found {
  return finish(seekSmallestServer(basis, query))
}

/** As {@link findSmallestServer}, one prediction at a time. */
export function* seekSmallestServer(basis: PlanBasis, query: SizingQuery): Pieces<Found> {
  const hopeless = whyImpossible(basis, query)
  if (hopeless !== null) return hopeless
  const most = mostWorkers(basis, query.cores)
  let isAlmostIdle = false
  let missed = 0
  for (
    let machines = fewestMachines(basis, query, most);
    machines <= MOST_MACHINES;
    machines = moreMachines(machines)
  ) {
    const found = yield* smallestOn(machines, basis, query, most)
    if (found !== null) return missed === 0 ? found : yield* between(missed, found, basis, query, most)
    missed = machines
    if (loadsAt(basis, query, 1, query.ratePerS / machines).load < ALMOST_IDLE) {
      isAlmostIdle = true
      break
    }
  }
  if (!isAlmostIdle) {
    const because = `it would take more than ${formatCount(MOST_MACHINES)} machines like that, which is further than anything can be predicted`
    return { kind: 'refused', because }
  }
  return {
    kind: 'refused',
    because:
      `even with almost no load the upper bound misses ${basis.slo.text}: ` +
      'what was measured is too uncertain to decide; measure more blocks and rates',
  }
}

/** Predicts a machine with that many workers at a rate. */
export function predictFor(basis: PlanBasis, query: SizingQuery, workers: number, ratePerS: number): Prediction {
  const scenario: Scenario = { ...query.setting, workers, ratePerS, cores: query.cores }
  return predict(
    basis.measurement,
    basis.service,
    scenario,
    basis.slo.latency,
    basis.errors,
    query.effort,
    query.uncertain,
  )
}

/** True when every goal is met by its upper bound at a load of at most 0.8. */
export function meets(basis: PlanBasis, prediction: Prediction): boolean {
  return prediction.load <= HIGHEST_LOAD && meetsGoals(basis, prediction)
}

/** True when every goal is met by its upper bound, whatever the load. */
export function meetsGoals({ slo }: PlanBasis, prediction: Prediction): boolean {
  if (prediction.overloaded) return false
  return slo.latency.every((goal, i) => (prediction.latency[i]?.latencyS.high ?? Infinity) < goal.limitS)
}

/** Most workers on a machine: as many as cores where they compute, and never more than twice those measured. */
export function mostWorkers({ measurement, service }: PlanBasis, cores: number): number {
  if (measurement.fixedSize) return 1
  const predicted = 2 * service.scaling.largestMeasured
  return service.computing ? Math.min(predicted, cores) : predicted
}

/** A time for people, as planned values are written. */
export function goalText(goal: LatencyGoal): string {
  return `${goal.name} below ${formatDuration(goal.limitS)}`
}

/**
 * The fewest workers on each of `machines` machines; null when none suffice. Every count is tried: more workers than were
 * measured can be so uncertain that fewer of them are the safer answer.
 */
function* smallestOn(machines: number, basis: PlanBasis, query: SizingQuery, most: number): Pieces<FoundServer | null> {
  const each = query.ratePerS / machines
  for (let workers = 1; workers <= most; workers++) {
    if (loadsAt(basis, query, workers, each).load > HIGHEST_LOAD) continue
    yield
    const prediction = predictFor(basis, query, workers, each)
    if (meets(basis, prediction)) return { kind: 'server', machines, workersPerMachine: workers, prediction }
  }
  return null
}

/** The fewest machines, to the share of {@link NEAR_ENOUGH}, of more than those that miss the objective and at most those that meet it. */
function* between(
  missed: number,
  met: FoundServer,
  basis: PlanBasis,
  query: SizingQuery,
  most: number,
): Pieces<FoundServer> {
  let [few, best] = [missed, met]
  while (best.machines - few > Math.max(1, NEAR_ENOUGH * best.machines)) {
    const middle = Math.floor((few + best.machines) / 2)
    const found = yield* smallestOn(middle, basis, query, most)
    if (found === null) few = middle
    else best = found
  }
  return best
}

function fewestMachines(basis: PlanBasis, query: SizingQuery, most: number): number {
  const { load } = loadsAt(basis, query, most, query.ratePerS)
  return Math.max(1, Math.ceil(load / HIGHEST_LOAD - 1e-9))
}

function loadsAt(basis: PlanBasis, query: SizingQuery, workers: number, ratePerS: number): Loads {
  const scenario: Scenario = { ...query.setting, workers, ratePerS, cores: query.cores }
  return loadsOf(basis.service, scenario, basis.service.busyS(workers).busyS.estimate)
}

/** One more machine at a time, faster once there are many. */
export function moreMachines(machines: number): number {
  return machines < 16 ? machines + 1 : Math.ceil(machines * 1.1)
}

/** Reasons that no number of workers can change: the time that an unloaded request takes, or what it depends on. */
function whyImpossible(basis: PlanBasis, query: SizingQuery): Found | null {
  const { measurement, slo } = basis
  const { dependencyPerS } = measurement
  if (dependencyPerS !== null && query.ratePerS > dependencyPerS) {
    return {
      kind: 'impossible',
      because: `the dependency is the limit: it answers ${formatRate(dependencyPerS)} at most, and ${formatRate(query.ratePerS)} are wanted`,
    }
  }
  const failing = leastErrorRatio(measurement)
  if (slo.errorRatio !== null && failing > slo.errorRatio) {
    return {
      kind: 'impossible',
      because: `at least ${percent(failing)} of the requests failed at every rate that was measured, and ${percent(slo.errorRatio)} may`,
    }
  }
  for (const [i, goal] of slo.latency.entries()) {
    const unloadedS = unloadedLatencyS(basis, query, goal, 1) * Math.exp(errorAt(basis.errors[i], 0, 1).bias)
    if (unloadedS < goal.limitS) continue
    const waitS = unloadedLatencyS(basis, query, goal, 0)
    return {
      kind: 'impossible',
      because:
        waitS >= goal.limitS
          ? `the dependency is the limit: a request that meets no other waits for it so long that ${goal.name} is ${formatDuration(waitS)}, and ${goalText(goal)} is wanted`
          : `the service time alone is longer: without any queue ${goal.name} is ${formatDuration(unloadedS)}, and ${goalText(goal)} is wanted`,
    }
  }
  return null
}

/** A statistic of the latency of requests that meet no other. */
function unloadedLatencyS(basis: PlanBasis, query: SizingQuery, goal: LatencyGoal, busyFactor: number): number {
  const { service, measurement } = basis
  const ratePerS = 0.001 / Math.max(service.unloadedS, 1e-6)
  const scenario: Scenario = {
    ...query.setting,
    workers: 1,
    ratePerS,
    cores: query.cores,
    arrivals: { kind: 'poisson', ratePerS },
  }
  const { requests, seed } = query.effort
  return latencyS(simulateScenario(measurement, service, scenario, busyFactor, { requests, seed }), goal)
}

function leastErrorRatio({ rates }: CapacityMeasurement): number {
  return rates.length === 0 ? 0 : Math.min(...rates.map((rate) => rate.errorRatio))
}
