import { loadModels } from '../../cluster/models.ts'
import { judgeModelsOnNodes, needsEnvironment, requireAllRunnable, versionText } from '../../cluster/runnable.ts'
import { machineFacts } from '../../core/machine.ts'
import { requireKnown } from '../../core/names.ts'
import { readResilienceRun } from '../../store/resilience-folder.ts'
import { loadFaults } from '../faults/faults.ts'
import { requireResumable } from '../resume.ts'
import type { PreparedResilience } from './prepare.ts'

/**
 * A resilience run to go on with, as it was planned. Throws RESULT_INVALID when it cannot be gone on with, PART_MISSING
 * when one of its models cannot run here any more.
 */
export async function resumeResilience(dir: string): Promise<PreparedResilience> {
  const run = readResilienceRun(dir)
  const { manifest } = run
  const { plan } = manifest
  const { nodePath, pythonPath = null } = plan
  requireResumable(run.dir, manifest, machineFacts(versionText(needsEnvironment(nodePath, pythonPath))))
  const models = byId('a model', plan.models, await loadModels())
  requireAllRunnable(await judgeModelsOnNodes(models, nodePath, null, pythonPath))
  const faults = byId('a fault', plan.faults, await loadFaults())
  return { manifest, models, faults, dir: run.dir, notes: [], resumed: run }
}

/** Those of these ids, in their order; throws USAGE when one is not there any more. */
function byId<T extends { readonly id: string }>(what: string, ids: readonly string[], all: readonly T[]): T[] {
  const known = all.map(({ id }) => id)
  requireKnown(what, ids, known)
  return ids.flatMap((id) => all.filter((each) => each.id === id))
}
