import { loadModels } from '../../cluster/models.ts'
import { requireRunnable } from '../../cluster/runnable.ts'
import type { DrillManifest, DrillPace } from '../../core/drill-record.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import { type Drill, FAST_PACE, USUAL_PACE } from './drill.ts'

/** What is asked of a drill. */
export interface DrillRequest {
  readonly drill: Drill
  /** Shorter healthy time, and a shorter window for the goal. */
  readonly fast: boolean
  readonly seed: number
  /** The fault is shown from the beginning, and comes at once. */
  readonly reveal: boolean
  /** Folder for the results; null = a new one below `results/`. */
  readonly out: string | null
}

/** A drill that is ready: everything was checked, nothing was started. */
export interface PreparedDrill {
  readonly drill: Drill
  readonly manifest: DrillManifest
  /** The results folder; null where nothing is to be kept. */
  readonly dir: string | null
}

/**
 * Checks that a drill can run here; `reproduce` says how the run is made again. Throws PART_MISSING when something is not
 * there that it needs.
 */
export async function prepareDrill(
  { drill, fast, seed, reveal, out }: DrillRequest,
  reproduce: (seed: number) => string,
): Promise<PreparedDrill> {
  await requireDrill(drill)
  const pace = paceOf(drill, fast)
  const manifest = manifestOf(drill, { seed, pace: reveal ? { ...pace, hiddenS: 0 } : pace, revealed: reveal })
  return {
    drill,
    manifest: { ...manifest, command: reproduce(seed) },
    dir: out ?? newRunDir(manifest.id),
  }
}

/** Throws PART_MISSING when the drill cannot run on this machine. */
export async function requireDrill(drill: Drill): Promise<void> {
  const lack = (await drill.lacks?.()) ?? null
  if (lack !== null) {
    throw new ForkwiseError('PART_MISSING', {
      message: `The drill ${drill.id} cannot run here: ${lack.what}`,
      hint: lack.remedy,
    })
  }
  const model = (await loadModels()).find(({ id }) => id === drill.server.model)
  if (model !== undefined) await requireRunnable(model, null, null, null)
}

/** How long the parts of a drill take. */
export function paceOf({ pace }: Pick<Drill, 'pace'>, fast: boolean): DrillPace {
  return fast ? { ...FAST_PACE, ...pace?.fast } : { ...USUAL_PACE, ...pace?.usual }
}

/** The manifest of a run of a drill that begins now; who asked for it may say how it is made again. */
export function manifestOf(
  drill: Pick<Drill, 'id'>,
  { seed, pace, revealed }: Pick<DrillManifest, 'seed' | 'pace' | 'revealed'>,
): DrillManifest {
  return {
    schema: 'forkwise/drill-manifest@1',
    id: newRunId(`drill-${drill.id}`),
    createdAt: new Date().toISOString(),
    forkwiseVersion: forkwiseVersion(),
    command: `forkwise drill ${drill.id} --seed ${seed}`,
    machine: machineFacts(),
    drill: drill.id,
    seed,
    pace,
    revealed,
  }
}
