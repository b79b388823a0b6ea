import { type SpreadRecord, type SpreadRow, spreadRows } from '../../analysis/comparison/spread.ts'
import type { ServerModel } from '../../cluster/model.ts'
import type { Workload } from '../../core/load.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { newRunId } from '../../store/run-identity.ts'
import type { Emit } from '../events.ts'
import { type Run, startRun } from '../run.ts'
import { trialSettings, withWorld } from '../world.ts'
import { sweepFairness } from './sweep.ts'

/** Models whose routing is to be looked at. */
export interface PreparedFairness {
  readonly models: readonly ServerModel[]
  readonly workload: Workload
  readonly workers: number
  /** Numbers of connections, one after the other in each launch. */
  readonly connections: readonly number[]
  /** Launches of each model. */
  readonly launches: number
  readonly seed: number
}

/** What a sweep came to. */
export interface FairnessOutcome {
  readonly rows: readonly SpreadRow[]
  readonly records: readonly SpreadRecord[]
}

/** Seconds that a launch takes beside its slices, about (2 cores, Node 20.20, November 2026). */
const AROUND_S = 3

/** Seconds of each closed loop. */
const SLICE_S = 0.5

/** Loads each model with one number of connections after another and counts what each worker got. */
export function runFairness(prepared: PreparedFairness, signal: AbortSignal): Run<FairnessOutcome> {
  return startRun((emit) => {
    const { models, workers, connections, launches, seed } = prepared
    const steps = models.length * launches
    const expectedS = steps * (AROUND_S + connections.length * SLICE_S)
    const id = newRunId('fairness')
    emit({ type: 'run-started', experiment: 'fairness', id, dir: null, steps, expectedS })
    return withWorld(trialSettings({ workers, seed }), { signal, emit }, (context) =>
      sweepModels(prepared, context, emit),
    )
  })
}

/** Sweeps each model in a world. */
export async function sweepModels(
  { models, workload, connections, launches, seed }: PreparedFairness,
  context: TrialContext,
  emit: Emit,
): Promise<FairnessOutcome> {
  const records: SpreadRecord[] = []
  for (const model of models) {
    await sweepFairness(model, workload, { connections, launches, sliceS: SLICE_S, seed }, context, {
      onLaunch: (launch) => emit({ type: 'step-started', label: `${model.id}: launch ${launch} of ${launches}` }),
      onRecord: (record) => {
        records.push(record)
        emit({ type: 'spread-measured', record })
      },
    })
  }
  const rows = spreadRows(
    models.map(({ id }) => id),
    connections,
    records,
  )
  return { rows, records }
}
