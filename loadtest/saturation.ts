import type { ServerModel } from '../cluster/model.ts'
import type { ClosedLoad, Workload } from '../core/load.ts'
import type { TrialSettings } from './trial-context.ts'

/**
 * Connections for each request that a model with bounded concurrency can handle at the same time. One would do if every
 * connection found a free slot at once; four keep all slots taken although connections are dealt by chance, and a
 * request that queues behind three others of a second each is still answered within the usual timeout.
 */
export const CONNECTIONS_PER_SLOT = 4

/**
 * Connections that bring a model to its limit: those of the workload, or fewer where the model's concurrency is
 * lower than that: all others would only queue, some of them for longer than the timeout.
 */
export function saturatingConnections(
  model: Pick<ServerModel, 'concurrency'>,
  workload: Pick<Workload, 'connections'>,
  size: { readonly workers: number; readonly cores: number },
): number {
  const wanted = workload.connections(size)
  const concurrency = model.concurrency?.({ workers: size.workers, threads: 1 })
  return concurrency === undefined ? wanted : Math.min(wanted, CONNECTIONS_PER_SLOT * concurrency)
}

/** The closed loop of slice A. */
export function saturationLoad(
  settings: TrialSettings,
  { model, workload }: { readonly model: Pick<ServerModel, 'concurrency'>; readonly workload: Workload },
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
