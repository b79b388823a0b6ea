import type { SpreadRecord } from '../../analysis/comparison/spread.ts'
import type { ServerModel } from '../../cluster/model.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed } from '../../core/random.ts'
import { countsBetween, scrapeConnectionCounts } from '../../loadtest/scrape.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'

/** What a sweep is to do. */
export interface SweepPlan {
  readonly connections: readonly number[]
  readonly launches: number
  readonly sliceS: number
  readonly seed: number
}

/** What a sweep reports while it runs. */
export interface SweepEvents {
  readonly onLaunch: (launch: number) => void
  readonly onRecord: (record: SpreadRecord) => void
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
  { onLaunch, onRecord }: SweepEvents,
): Promise<void> {
  for (let launch = 1; launch <= sweep.launches; launch++) {
    onLaunch(launch)
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
