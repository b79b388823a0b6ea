import { NO_THRESHOLDS } from '../../analysis/comparison/assertion.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { outsideModel } from '../../cluster/outside-server.ts'
import { needsEnvironment, versionText } from '../../cluster/runnable.ts'
import { variantModel } from '../../cluster/variant.ts'
import { availableCores } from '../../core/cores.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { machineFacts } from '../../core/machine.ts'
import { requireKnown } from '../../core/names.ts'
import type { Manifest } from '../../core/records.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import { readRun } from '../../store/comparison-folder.ts'
import { requireResumable } from '../resume.ts'
import type { PreparedComparison } from './comparison.ts'

/**
 * A comparison to go on with, as it was planned; `anyway`: also on a machine that is too unsteady to trust. Throws
 * RESULT_INVALID when it cannot be gone on with.
 */
export async function resumeComparison(dir: string, anyway: boolean): Promise<PreparedComparison> {
  const run = readRun(dir)
  const { manifest } = run
  const { nodePath } = manifest.plan
  requireResumable(run.dir, manifest, machineFacts(versionText(needsEnvironment(nodePath))))
  const builtInModels = await loadModels()
  const models = [...builtInModels, ...outsideModels(manifest), ...variantModels(manifest, builtInModels)]
  requireKnown(
    'a model',
    manifest.plan.models,
    models.map((model) => model.id),
  )
  const builtIn = await loadWorkloads()
  const known = [...builtIn, ...pathWorkloads(manifest, builtIn)]
  requireKnown(
    'a workload',
    manifest.plan.workloads,
    known.map((workload) => workload.id),
  )
  return {
    manifest,
    models: models.filter((model) => manifest.plan.models.includes(model.id)),
    workloads: known.filter((workload) => manifest.plan.workloads.includes(workload.id)),
    cores: availableCores(),
    dir: run.dir,
    reader: null,
    resumed: run,
    anyway,
    thresholds: NO_THRESHOLDS,
    notes: [],
    close: () => Promise.resolve(),
  }
}

/** The servers that ran already when the run was begun; throws USAGE when a process of theirs is gone. */
function outsideModels({ models }: Manifest): ServerModel[] {
  return models.flatMap(({ id, outside }) => (outside === undefined ? [] : [outsideModel(id, outside)]))
}

/** The variants of models. Throws RESULT_INVALID for those of git revisions, whose folders are gone. */
function variantModels({ models, command }: Manifest, builtIn: readonly ServerModel[]): ServerModel[] {
  return models.flatMap(({ id, variant }) => {
    if (variant === undefined) return []
    if (variant.ref !== undefined) {
      throw new ForkwiseError('RESULT_INVALID', {
        message: `Expected a run that can be resumed; ${id} is a git revision, and the folder it was checked out into is gone.`,
        hint: `Start again: ${command}`,
      })
    }
    requireKnown(
      'a model',
      [variant.model],
      builtIn.map((model) => model.id),
    )
    return builtIn.filter((model) => model.id === variant.model).map((model) => variantModel(id, model, variant))
  })
}

/** The workloads that are made of the user's paths, and so in no file. */
function pathWorkloads({ workloads }: Manifest, known: readonly Workload[]): Workload[] {
  const own = workloads.filter(({ id }) => known.every((workload) => workload.id !== id))
  return own.map((workload) => ({ ...workload, connections: () => workload.connections }))
}
