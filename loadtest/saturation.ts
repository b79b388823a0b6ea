import type { ServerModel } from '../cluster/model.ts'
import type { ClosedLoad, Workload } from '../core/load.ts'
import type { TrialSettings } from './trial-context.ts'

/**
 * Connections for each request that a model with a bounded number of places can have in hand. One would do if every
 * connection met a free place at once; four keep all places taken although connections are dealt by chance, and a
 * request that queues behind three others of a second each is still answered within the usual timeout.
 */
export const CONNECTIONS_PER_PLACE = 4

/**
 * Connections that bring a model to its limit: those of the workload, or fewer where the model has fewer places for
 * requests than that, since all others would only queue, and some of them for longer than the timeout.
 */
export function saturatingConnections(
  model: Pick<ServerModel, 'places'>,
  workload: Pick<Workload, 'connections'>,
  size: { readonly workers: number; readonly cores: number },
): number {
  const wanted = workload.connections(size)
  const places = model.places?.({ workers: size.workers, threads: 1 })
  return places === undefined ? wanted : Math.min(wanted, CONNECTIONS_PER_PLACE * places)
}

/** The closed loop of slice A. */
export function saturationLoad(
  settings: TrialSettings,
  { model, workload }: { readonly model: Pick<ServerModel, 'places'>; readonly workload: Workload },
  cores: number,
  seed: number,
): ClosedLoad {
  return {
    kind: 'closed',
    connections: saturatingConnections(model, workload, { workers: settings.workers, cores }),
    durationS: settings.saturationS,
    timeoutS: settings.timeoutS,
    seed,
    warmup: settings.warmup,
  }
}
