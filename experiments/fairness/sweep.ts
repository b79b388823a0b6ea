import type { ServerModel } from '../../cluster/model.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed } from '../../core/random.ts'
import { countsBetween, scrapeConnectionCounts } from '../../loadtest/scrape.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'

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

/** What a sweep is to do. */
export interface SweepPlan {
  readonly connections: readonly number[]
  readonly launches: number
  readonly sliceS: number
  readonly seed: number
}

/**
 * Loads a model with one connection count after another, over several launches, and records what each worker got.
 * Every count has fresh connections. A model whose workers have no metrics gives records without workers.
 */
export async function sweepFairness(
  model: ServerModel,
  workload: Workload,
  sweep: SweepPlan,
  context: TrialContext,
  onRecord: (record: SpreadRecord) => void,
): Promise<void> {
  for (let launch = 1; launch <= sweep.launches; launch++) {
    const observed = { model: model.id, workload: workload.id, trial: `sweep-${launch}-${model.id}` }
    await withServer(model, observed, context, async (server) => {
      const units = await server.units()
      for (const connections of sweep.connections) {
        const before = await scrapeConnectionCounts(units)
        const slice = await measureSlice(
          server,
          workload,
          {
            kind: 'closed',
            connections,
            durationS: sweep.sliceS,
            timeoutS: context.settings.timeoutS,
            seed: deriveSeed(sweep.seed, model.id, launch, connections),
          },
          context,
        )
        onRecord({
          model: model.id,
          connections,
          launch,
          requests: slice.workerRequests,
          accepted: countsBetween(before, await scrapeConnectionCounts(units)),
        })
      }
    })
  }
}
