import { openSession, type Session } from '../cluster/session.ts'
import { availableCores } from '../core/cores.ts'
import { type CpuTopology, readCpuTopology } from '../loadtest/cpu-topology.ts'
import { GeneratorProcesses } from '../loadtest/generator-processes.ts'
import { HostMeter } from '../loadtest/host.ts'
import { REAL_INSTRUMENT } from '../loadtest/instrument.ts'
import { type Observation, UNOBSERVED } from '../loadtest/observation/observation.ts'
import { placementFor } from '../loadtest/placement.ts'
import { UnitWatch } from '../loadtest/observation/unit-watch.ts'
import type { TrialContext, TrialSettings } from '../loadtest/trial-context.ts'
import type { Emit } from './events.ts'
import { StandingDependency } from './standing-dependency.ts'
import { announcingObservation } from './observation/announcing-observation.ts'

/** Seconds that servers get for a request before it counts as timed out, by default. */
export const DEFAULT_TIMEOUT_S = 5

/** Short slices for experiments that have no plan of their own. */
const SHORT_LENGTHS = {
  warmup: { minS: 0.4, maxS: 0.5, minCount: 30 },
  saturationS: 0.5,
  latencyS: 0.45,
} as const satisfies Partial<TrialSettings>

/** Settings with short slices and the built-in app, where `changes` says nothing else. */
export function trialSettings(
  changes: Partial<TrialSettings> & Pick<TrialSettings, 'workers' | 'seed'>,
  topology: CpuTopology = readCpuTopology(),
): TrialSettings {
  return {
    ...SHORT_LENGTHS,
    timeoutS: DEFAULT_TIMEOUT_S,
    metrics: true,
    app: null,
    nodePath: null,
    placement: placementFor(topology),
    ...changes,
  }
}

/** Options of a world besides its settings. */
export interface WorldOptions {
  readonly signal: AbortSignal
  readonly emit: Emit
  readonly cores?: number
  /** Opens what keeps the metrics of all launches as series; it is closed with the world. Nothing is kept without. */
  readonly observe?: (session: Session) => Promise<Observation>
}

/**
 * Opens a session with a dependency process, lets `use` launch and measure servers in it, and ends everything whatever
 * happens. Phases, units and what they report, faults and live figures become events of the run.
 */
export async function withWorld<T>(
  settings: TrialSettings,
  { signal, emit, cores = availableCores(), observe = async () => UNOBSERVED }: WorldOptions,
  use: (context: TrialContext) => Promise<T>,
): Promise<T> {
  return withSession(emit, async (session) => {
    const placed = settings.placement === null ? {} : { cpus: settings.placement.generator }
    const dependency = await StandingDependency.start(session, { signal, ...placed }, emit)
    const generators = new GeneratorProcesses()
    const watch = new UnitWatch(
      (item) => emit({ type: 'units-heard', item }),
      () => emit.isWatched?.() ?? false,
    )
    const observation = announcingObservation(await observe(session), (event) => {
      emit(event)
      if (event.type === 'units') watch.units(event.units)
    })
    try {
      return await use({
        session,
        instrument: {
          ...REAL_INSTRUMENT,
          drive: (targets, workload, load, options) =>
            REAL_INSTRUMENT.drive(targets, workload, load, { generators, ...options }),
        },
        settings,
        dependency,
        host: new HostMeter(cores, dependency.pids, settings.dependencies),
        cores,
        observation,
        signal,
      })
    } finally {
      watch.stop()
      await generators.close()
      await observation.close()
      await dependency.close()
    }
  })
}

/** Opens a session after what dead runs left was ended, lets `use` start processes in it, and ends everything whatever happens. */
export async function withSession<T>(emit: Emit, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession()
  try {
    const { sessions, pids } = session.reaped
    if (sessions > 0) emit({ type: 'leftovers-ended', sessions, processes: pids.length })
    return await use(session)
  } finally {
    await session.close()
  }
}
