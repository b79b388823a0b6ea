import { calibrateModel } from '../service/calibration.ts'
import type { CapacityMeasurement } from '../../../core/capacity.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import { compareSituations, modelErrors, type ModelError } from '../service/model-error.ts'
import type { PlanRequest, Price } from './plan-request.ts'
import { finish, type Pieces } from '../../pieces.ts'
import { type Found, type PlanBasis, type SizingQuery, seekSmallestServer } from './plan-search.ts'
import { assumptionsOf, extrapolationsOf, sentenceOf } from './plan-sentences.ts'
import { growthTable, lossTable, whatIfTable, type GrowthRow, type LossRow, type WhatIfRow } from './plan-tables.ts'
import { ANSWER_EFFORT, TABLE_EFFORT, type Effort, type Prediction } from './prediction.ts'
import { rateCurve, type RatePoint } from './rate-curve.ts'
import { findBestMeasurement, type BestMeasurement } from './sensitivity.ts'

/** What `plan --json` prints. */
export interface Plan {
  readonly schema: 'forkwise/plan@1'
  readonly request: PlanRequest
  /** Requests per second that are planned for: today's with headroom. */
  readonly plannedPerS: number
  /** Fewest cores first; models without an answer last. */
  readonly models: readonly ModelPlan[]
}

/** The plan for one model. */
export interface ModelPlan {
  readonly model: string
  readonly workload: string
  /** Version of the Node that ran it; absent where no Node does, or where it was not kept. */
  readonly node?: string
  readonly outcome: Found['kind']
  /** The answer, or why there is none, in one sentence. */
  readonly because: string
  readonly server: PlannedServer | null
  /** What happens when a part fails. */
  readonly losses: readonly LossRow[]
  readonly whatIf: readonly WhatIfRow[]
  readonly growth: readonly GrowthRow[]
  /** Latency of the planned server against the rate; empty without a server, absent in plans of older versions. */
  readonly rates?: readonly RatePoint[]
  /** The measurement that would narrow the answer most. */
  readonly bestMeasurement: BestMeasurement | null
  /** How far the simulation was from what was measured, for each goal. */
  readonly modelErrors: readonly ModelError[]
  readonly assumptions: readonly string[]
}

/** A server that meets the objective. */
export interface PlannedServer {
  readonly machines: number
  readonly workersPerMachine: number
  readonly workers: number
  readonly coresPerMachine: number
  readonly prediction: Prediction
  /** `measured` when such a machine under such a rate was measured, else `extrapolated` for these reasons. */
  readonly basis: 'measured' | 'extrapolated'
  readonly extrapolations: readonly string[]
  readonly cost: Cost | null
}

/** What the cores cost. */
export interface Cost {
  readonly perMillionRequests: number
  readonly perHour: number
  readonly currency: string
}

/** Requests with which each measured situation is simulated by default. */
const BASIS_REQUESTS = 40_000

/**
 * Plans how many workers and machines each measured model needs for a rate and an objective. Pure: the same request and
 * measurements give the same plan. A model whose measurement lacks what a plan needs is refused in its own row; throws
 * RESULT_INVALID with all that is lacking when that goes for every one.
 */
export function plan(
  request: PlanRequest,
  measurements: readonly CapacityMeasurement[],
  effort: Effort = ANSWER_EFFORT,
  tableEffort: Effort = TABLE_EFFORT,
): Plan {
  return finish(planInPieces(request, measurements, effort, tableEffort))
}

/** As {@link plan}, some prediction at a time: a plan for a rate of many thousands takes a minute. */
export function* planInPieces(
  request: PlanRequest,
  measurements: readonly CapacityMeasurement[],
  effort: Effort = ANSWER_EFFORT,
  tableEffort: Effort = TABLE_EFFORT,
): Pieces<Plan> {
  const plannedPerS = request.ratePerS * (1 + request.headroom)
  const lacking: ForkwiseError[] = []
  const models: ModelPlan[] = []
  for (const measurement of measurements) {
    try {
      models.push(yield* planModel(request, plannedPerS, measurement, effort, tableEffort))
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      lacking.push(thrown)
      models.push(withoutServer(measurement, 'refused', thrown.message))
    }
  }
  if (lacking.length > 0 && lacking.length === models.length) {
    throw new ForkwiseError(
      'RESULT_INVALID',
      lacking.flatMap(({ problems }) => problems),
    )
  }
  return { schema: 'forkwise/plan@1', request, plannedPerS, models: models.sort((a, b) => rank(a) - rank(b)) }
}

/** What the plan for a measurement rests on; each measured situation is simulated with `requests` requests. */
export function basisOf(
  measurement: CapacityMeasurement,
  slo: PlanRequest['slo'],
  requests: number = BASIS_REQUESTS,
): PlanBasis {
  return finish(findBasis(measurement, slo, requests))
}

/** As {@link basisOf}, one slice or situation at a time. */
export function* findBasis(
  measurement: CapacityMeasurement,
  slo: PlanRequest['slo'],
  requests: number = BASIS_REQUESTS,
): Pieces<PlanBasis> {
  const service = yield* calibrateModel(measurement)
  const comparisons = yield* compareSituations(measurement, service, slo.latency, { requests, seed: 1 })
  return { measurement, service, slo, errors: modelErrors(comparisons, slo.latency) }
}

function* planModel(
  request: PlanRequest,
  ratePerS: number,
  measurement: CapacityMeasurement,
  effort: Effort,
  tableEffort: Effort,
): Pieces<ModelPlan> {
  yield `${measurement.model}: fitting the simulation to what was measured`
  const basis = yield* findBasis(measurement, request.slo, 2 * effort.requests)
  const query: SizingQuery = { ratePerS, cores: request.cores ?? measurement.machine.cores, effort }
  yield `${measurement.model}: the smallest server`
  const found = yield* seekSmallestServer(basis, query)
  const common = {
    model: measurement.model,
    workload: measurement.workload,
    ...(measurement.node === undefined ? {} : { node: measurement.node }),
    outcome: found.kind,
    modelErrors: basis.errors,
    assumptions: assumptionsOf(basis, query),
  }
  if (found.kind !== 'server') {
    return { ...withoutServer(measurement, found.kind, found.because), ...common }
  }
  const server = describe(found, basis, query, request)
  const table = { ...query, effort: tableEffort }
  return {
    ...common,
    because: sentenceOf(server, basis, ratePerS),
    server,
    losses: yield* named(measurement.model, lossTable(found, basis, query)),
    whatIf: yield* named(measurement.model, whatIfTable(found, basis, table)),
    growth: yield* named(measurement.model, growthTable(request, basis, table)),
    rates: yield* named(measurement.model, rateCurve(found, basis, table)),
    bestMeasurement: yield* named(measurement.model, findBestMeasurement(found, basis, query)),
  }
}

/** The same pieces, their parts named with the model they are about. */
function* named<T>(model: string, pieces: Pieces<T>): Pieces<T> {
  for (;;) {
    const next = pieces.next()
    if (next.done === true) return next.value
    yield next.value === undefined ? undefined : `${model}: ${next.value}`
  }
}

function withoutServer(
  { model, workload }: CapacityMeasurement,
  outcome: 'impossible' | 'refused',
  because: string,
): ModelPlan {
  return {
    model,
    workload,
    outcome,
    because,
    server: null,
    losses: [],
    whatIf: [],
    growth: [],
    rates: [],
    bestMeasurement: null,
    modelErrors: [],
    assumptions: [],
  }
}

function describe(
  found: Extract<Found, { kind: 'server' }>,
  basis: PlanBasis,
  query: SizingQuery,
  request: PlanRequest,
): PlannedServer {
  const { machines, workersPerMachine, prediction } = found
  const extrapolations = extrapolationsOf(basis, query, machines, workersPerMachine)
  return {
    machines,
    workersPerMachine,
    workers: machines * workersPerMachine,
    coresPerMachine: query.cores,
    prediction,
    basis: extrapolations.length === 0 ? 'measured' : 'extrapolated',
    extrapolations,
    cost: request.price === null ? null : costOf(request.price, machines * query.cores, request.ratePerS),
  }
}

/** Cost of cores at a price, for the requests that they answer today. */
export function costOf(price: Price, cores: number, ratePerS: number): Cost {
  const perHour = price.perCoreHour * cores
  return { perHour, perMillionRequests: (perHour / (ratePerS * 3600)) * 1e6, currency: price.currency }
}

function rank(model: ModelPlan): number {
  if (model.server === null) return Number.MAX_VALUE
  return model.server.machines * 1e6 + model.server.workers
}
