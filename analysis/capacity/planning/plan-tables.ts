import { formatCount, formatDuration } from '../../../core/quantities.ts'
import { grownRatePerS, type PlanRequest } from './plan-request.ts'
import {
  seekSmallestServer,
  HIGHEST_LOAD,
  meets,
  meetsGoals,
  moreMachines,
  mostWorkers,
  predictFor,
  type Found,
  type FoundServer,
  type PlanBasis,
  type SizingQuery,
  type SizingSetting,
} from './plan-search.ts'
import type { Prediction } from './prediction.ts'
import type { Pieces } from '../../pieces.ts'
import { percent } from '../objective/slo.ts'

/** What happens when a worker or a machine is gone and the rate stays. */
export interface LossRow {
  readonly lost: 'worker' | 'machine'
  /** Whether the objective still holds, by the upper bounds. */
  readonly holds: boolean
  /** Of the machine that is hit hardest; null when nothing is left. */
  readonly prediction: Prediction | null
  /** In one sentence, with what it takes to hold. */
  readonly because: string
}

/** The answer under one change of what was asked or assumed. */
export interface WhatIfRow {
  readonly change: string
  readonly machines: number | null
  readonly workersPerMachine: number | null
  /** Why there is no answer; null when there is one. */
  readonly because: string | null
  /**
   * Of the server in the row, with bounds as those of the main answer; null without a server, or where the luck of short
   * simulations predicts it to be worse than a smaller one. Absent in plans of older versions.
   */
  readonly prediction?: Prediction | null
}

/** The answer at a later time. */
export interface GrowthRow extends WhatIfRow {
  readonly years: number
  readonly ratePerS: number
}

/** Growth beyond this multiple of today's rate is not looked at. */
const MOST_GROWTH = 1000

/** Years at which growth is looked at. */
const YEARS = [0.5, 1, 2, 3] as const

/** Bursts of the what-if: three times the calm rate for a tenth of the time, ten seconds each. */
const BURSTS = { kind: 'bursty', burstFactor: 3, burstShare: 0.1, burstS: 10 } as const

/** A part of the latency below which a slower dependency is no question, as a share of it. */
const LEAST_WAIT = 0.1

/** Predicts the server without one worker, and without one machine. */
export function* lossTable(found: FoundServer, basis: PlanBasis, query: SizingQuery): Pieces<LossRow[]> {
  const { machines, workersPerMachine } = found
  const left = workersPerMachine - 1
  yield 'without a worker'
  // Its machine keeps its share of the rate, while that of a lost machine goes to all others.
  const onThatMachine = machines === 1 ? '' : ' on that machine, which keeps its share of the rate'
  const worker = left === 0 ? null : predictFor(basis, query, left, query.ratePerS / machines)
  const byWorker = yield* lossRow('worker', worker, onThatMachine, basis, workerRemedy(found, basis, query))
  yield 'without a machine'
  const machine = machines === 1 ? null : predictFor(basis, query, workersPerMachine, query.ratePerS / (machines - 1))
  const byMachine = yield* lossRow(
    'machine',
    machine,
    ' on each of the others, which share its rate',
    basis,
    `${machines + 1} machines`,
  )
  return [byWorker, byMachine]
}

/** Answers for changes of rate, objective, arrivals, connections, dependency and handler. */
export function* whatIfTable(found: FoundServer, basis: PlanBasis, query: SizingQuery): Pieces<WhatIfRow[]> {
  const { measurement, service } = basis
  const asked: { change: string; query: SizingQuery; basis: PlanBasis; easier?: true }[] = []
  const ask = (change: string, other: Partial<SizingQuery>, otherBasis: PlanBasis = basis): void => {
    asked.push({ change, query: { ...query, ...other }, basis: otherBasis })
  }
  for (const factor of [1.5, 2]) ask(`${formatCount(factor)} times the rate`, { ratePerS: query.ratePerS * factor })
  const latency = basis.slo.latency.map((goal) => ({ ...goal, limitS: goal.limitS / 2 }))
  ask(
    `half the time: ${latency.map((goal) => `${goal.name}<${formatDuration(goal.limitS)}`).join(', ')}`,
    {},
    {
      ...basis,
      slo: { ...basis.slo, latency },
    },
  )
  ask('bursts of three times the rate, a tenth of the time', {
    setting: changed(query, { arrivals: { ...BURSTS, ratePerS: query.ratePerS } }),
  })
  if (['round-robin-connections', 'kernel-hash', 'shared-accept'].includes(measurement.routing)) {
    const count = 8 * found.workersPerMachine
    ask(`only ${count} keep-alive connections per machine, used at random`, {
      setting: changed(query, { connections: { count, choice: 'random', opened: 'before' } }),
    })
  }
  const busyS = service.busyS(found.workersPerMachine).busyS.estimate
  if (service.unloadedS - busyS > LEAST_WAIT * service.unloadedS) {
    ask('the waiting part twice as long', { setting: changed(query, { waitFactor: 2 }) })
  }
  const faster = { ...query, setting: changed(query, { busyFactor: 0.8 }) }
  asked.push({ change: 'the handler 20 % faster', query: faster, basis, easier: true })
  const rows: WhatIfRow[] = []
  for (const each of asked) {
    yield `if ${each.change}`
    const other = yield* seekSmallestServer(each.basis, each.query)
    const fitting = each.easier === true ? smaller(found, other) : larger(found, other)
    rows.push(fitting === found ? keptRow(each.change, found, each.basis, each.query) : rowOf(each.change, fitting))
  }
  return rows
}

/** What is harder never takes less than what was asked: where a short simulation says so, the change is within its error. */
function larger(asked: FoundServer, other: Found): Found {
  return other.kind === 'server' && sizeOf(other) < sizeOf(asked) ? asked : other
}

/** What is easier never takes more, and is never out of reach. */
function smaller(asked: FoundServer, other: Found): Found {
  return other.kind === 'server' && sizeOf(other) <= sizeOf(asked) ? other : asked
}

function sizeOf({ machines, workersPerMachine }: FoundServer): number {
  return machines * workersPerMachine
}

/** Answers for the rate as it grows; empty without growth. */
export function* growthTable(request: PlanRequest, basis: PlanBasis, query: SizingQuery): Pieces<GrowthRow[]> {
  const { growth } = request
  if (growth === null) return []
  const rows: GrowthRow[] = []
  for (const years of YEARS) {
    const ratePerS = grownRatePerS(query.ratePerS, growth, years)
    const change = `in ${years === 0.5 ? 'half a year' : years === 1 ? 'a year' : `${years} years`}`
    if (ratePerS > MOST_GROWTH * query.ratePerS) {
      const because = `more than ${formatCount(MOST_GROWTH)} times today's rate: further than can be planned`
      rows.push({ change, machines: null, workersPerMachine: null, because, prediction: null, years, ratePerS })
      break
    }
    yield change
    const row = rowOf(change, yield* seekSmallestServer(basis, { ...query, ratePerS }))
    rows.push({ ...row, years, ratePerS })
  }
  return rows
}

function changed(query: SizingQuery, change: SizingSetting): SizingSetting {
  return { ...query.setting, ...change }
}

function* lossRow(
  lost: LossRow['lost'],
  prediction: Prediction | null,
  where: string,
  basis: PlanBasis,
  remedy: Pieces<string> | string,
): Pieces<LossRow> {
  const takes = function* (): Pieces<string> {
    return typeof remedy === 'string' ? remedy : yield* remedy
  }
  if (prediction === null) {
    return { lost, holds: false, prediction, because: `nothing is left to answer; it takes ${yield* takes()} to hold` }
  }
  const holds = meets(basis, prediction)
  if (holds) return { lost, holds, prediction, because: `holds at load ${percent(prediction.load)}${where}` }
  const what = prediction.overloaded
    ? 'the rest cannot keep up and requests pile up'
    : basis.slo.latency
        .map((goal, i) => `${goal.name} ${formatDuration(prediction.latency[i]?.latencyS.estimate ?? Number.NaN)}`)
        .join(', ')
  const load = `load ${percent(prediction.load)}${where}`
  const because = meetsGoals(basis, prediction)
    ? `${what} is still within the objective, but ${load} is above the ${percent(HIGHEST_LOAD)} that a plan allows; it takes ${yield* takes()} to hold`
    : `${what} at ${load}; it takes ${yield* takes()} to hold`
  return { lost, holds, prediction, because }
}

/** What it takes that one worker less still meets the objective: one more on each machine, or more machines. */
function* workerRemedy(
  { machines, workersPerMachine }: FoundServer,
  basis: PlanBasis,
  query: SizingQuery,
): Pieces<string> {
  if (workersPerMachine < mostWorkers(basis, query.cores)) return `${workersPerMachine + 1} workers on each machine`
  const left = workersPerMachine - 1
  if (left === 0) return 'another machine for each'
  for (let more = moreMachines(machines); more <= 2 * machines; more = moreMachines(more)) {
    yield
    if (meets(basis, predictFor(basis, query, left, query.ratePerS / more))) return `${more} machines`
  }
  return 'another machine for each'
}

/** The row of a change for which the server that was asked about stays: predicted anew under that change. */
function keptRow(change: string, found: FoundServer, basis: PlanBasis, query: SizingQuery): WhatIfRow {
  const prediction = predictFor(basis, query, found.workersPerMachine, query.ratePerS / found.machines)
  return { ...rowOf(change, found), prediction: meets(basis, prediction) ? prediction : null }
}

function rowOf(change: string, found: Found): WhatIfRow {
  if (found.kind !== 'server') {
    return { change, machines: null, workersPerMachine: null, because: found.because, prediction: null }
  }
  const { machines, workersPerMachine, prediction } = found
  return { change, machines, workersPerMachine, because: null, prediction }
}
