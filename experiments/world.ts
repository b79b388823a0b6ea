import { startDependency } from '../cluster/dependency.ts'
import { openSession } from '../cluster/session.ts'
import type { ExperimentPlan } from '../core/records.ts'
import { HostMeter } from '../loadtest/host.ts'
import { UNOBSERVED } from '../loadtest/observation/observation.ts'
import { makePlan } from './comparison/plan.ts'
import type { TrialSurroundings } from '../loadtest/trial.ts'
import { availableCores } from '../core/cores.ts'

/** What a command that launches servers outside of a comparison says about them. */
export interface LaunchWishes {
  readonly models: readonly string[]
  readonly workers: number
  readonly seed: number
  readonly nodePath?: string | null
}

/**
 * Opens a session with a dependency process, lets `use` launch servers in it, and ends everything whatever happens. The
 * plan in the surroundings is that of a quick run; `change` adapts it.
 */
export async function withSurroundings<T>(
  wishes: LaunchWishes,
  signal: AbortSignal,
  use: (surroundings: TrialSurroundings) => Promise<T>,
  change: Partial<ExperimentPlan> = {},
): Promise<T> {
  const cores = availableCores()
  const plan = {
    ...makePlan({
      models: wishes.models,
      baseline: wishes.models[0] ?? 'single',
      workloads: ['cpu'],
      workers: wishes.workers,
      seed: wishes.seed,
      metrics: true,
      app: null,
      nodePath: wishes.nodePath ?? null,
      timeoutS: 5,
      cores,
      extent: { kind: 'quick' },
    }),
    ...change,
  }
  const session = await openSession()
  try {
    const dependency = await startDependency(session, {
      signal,
      ...(plan.placement === null ? {} : { cpus: plan.placement.generator }),
    })
    return await use({
      session,
      plan,
      upstreamUrl: dependency.url,
      host: new HostMeter(cores, [dependency.pid]),
      cores,
      observation: UNOBSERVED,
      signal,
    })
  } finally {
    await session.close()
  }
}
