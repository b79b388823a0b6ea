import { fairnessOf, sharesOf } from './fairness.ts'

/** How the requests and connections of one closed loop were spread over the workers of one launch. */
export interface SpreadRecord {
  readonly model: string
  readonly connections: number
  /** Number of the launch, from 1: routing is a lottery, and one launch is one draw. */
  readonly launch: number
  /** Requests by worker. */
  readonly requests: Readonly<Record<string, number>>
  /** Connections accepted by worker. */
  readonly accepted: Readonly<Record<string, number>>
}

/** All launches of a model with one number of connections. */
export interface SpreadRow {
  readonly model: string
  readonly connections: number
  /** Jain's index of the requests; one value a launch. */
  readonly jain: readonly number[]
  /** Most workers without any request in a launch. */
  readonly idleWorkers: number
  /** Requests of the busiest worker over the mean, worst launch. */
  readonly busiestOverMean: number
  /** Connections accepted by each worker, one list a launch, largest first. */
  readonly accepted: readonly (readonly number[])[]
}

/** A row for each model and number of connections, in that order. */
export function spreadRows(
  models: readonly string[],
  connections: readonly number[],
  records: readonly SpreadRecord[],
): SpreadRow[] {
  return models.flatMap((model) => connections.map((count) => rowOf(model, count, records)))
}

function rowOf(model: string, connections: number, records: readonly SpreadRecord[]): SpreadRow {
  const own = records.filter((record) => record.model === model && record.connections === connections)
  const requests = own.map((record) => Object.values(record.requests))
  const found = requests.map(fairnessOf).filter((one) => one !== null)
  return {
    model,
    connections,
    jain: found.map((one) => one.jain),
    idleWorkers: Math.max(0, ...found.map((one) => one.idleWorkers)),
    busiestOverMean: Math.max(...requests.map((counts) => (sharesOf(counts)[0] ?? Number.NaN) * counts.length)),
    accepted: own.map((record) => Object.values(record.accepted).toSorted((a, b) => b - a)),
  }
}
