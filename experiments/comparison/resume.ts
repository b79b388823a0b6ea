import { NO_THRESHOLDS } from '../../analysis/comparison/assertion.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { outsideModel } from '../../cluster/outside-server.ts'
import { needsEnvironment, versionText } from '../../cluster/runnable.ts'
import { variantModel } from '../../cluster/variant.ts'
import { availableCores } from '../../core/cores.ts'
import type { Workload } from '../../core/load.ts'
import { machineFacts } from '../../core/machine.ts'
import { requireKnown } from '../../core/names.ts'
import type { Manifest } from '../../core/records.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import { readRun } from '../../store/comparison-folder.ts'
import { requireResumable } from '../resume.ts'
import type { PreparedComparison } from './comparison.ts'
import type { Preparing } from './prepare.ts'
import { checkOutAgain } from './revisions.ts'

/**
 * A comparison to go on with, as it was planned; `anyway`: also on a machine that is too unsteady to trust. Throws
 * RESULT_INVALID when it cannot be gone on with.
 */
export async function resumeComparison(
  dir: string,
  anyway: boolean,
  { signal = new AbortController().signal, onProgress = () => undefined }: Preparing = {},
): Promise<PreparedComparison> {
  const run = readRun(dir)
  const { manifest } = run
  const { nodePath } = manifest.plan
  const apps = [manifest.plan.app, ...manifest.models.map(({ variant }) => variant?.app)].filter(isText)
  requireResumable(run.dir, manifest, machineFacts(versionText(needsEnvironment(nodePath))), apps)
  const builtInModels = await loadModels()
  const builtIn = await loadWorkloads()
  const known = [...builtIn, ...pathWorkloads(manifest, builtIn)]
  requireKnown(
    'a workload',
    manifest.plan.workloads,
    known.map((workload) => workload.id),
  )
  requireKnown('a model', manifest.plan.models, [
    ...builtInModels.map(({ id }) => id),
    ...manifest.models.flatMap(({ id, outside, variant }) => ((outside ?? variant) === undefined ? [] : [id])),
  ])
  const outside = outsideModels(manifest)
  const checkedOut = await variantModels(manifest, builtInModels, { signal, onProgress })
  const models = [...builtInModels, ...outside, ...checkedOut.variants]
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
    close: () => checkedOut.close(),
  }
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string'
}

/** The servers that ran already when the run was begun; throws USAGE when a process of theirs is gone. */
function outsideModels({ models }: Manifest): ServerModel[] {
  return models.flatMap(({ id, outside }) => (outside === undefined ? [] : [outsideModel(id, outside)]))
}

/** The variants of models, with git revisions checked out again until they are closed. */
async function variantModels(
  { models }: Manifest,
  builtIn: readonly ServerModel[],
  options: Required<Preparing>,
): Promise<{ readonly variants: readonly ServerModel[]; close(): Promise<void> }> {
  const recorded = models.flatMap(({ id, variant }) => (variant === undefined ? [] : [{ id, variant }]))
  requireKnown(
    'a model',
    recorded.map(({ variant }) => variant.model),
    builtIn.map(({ id }) => id),
  )
  const again = await checkOutAgain(
    recorded.map(({ variant }) => variant),
    options,
  )
  const variants = recorded.flatMap(({ id }, index) => {
    const variant = again.variants[index]
    const base = builtIn.find((model) => model.id === variant?.model)
    return variant === undefined || base === undefined ? [] : [variantModel(id, base, variant)]
  })
  return { variants, close: () => again.close() }
}

/** The workloads that are made of the user's paths, and so in no file. */
function pathWorkloads({ workloads }: Manifest, known: readonly Workload[]): Workload[] {
  const own = workloads.filter(({ id }) => known.every((workload) => workload.id !== id))
  return own.map((workload) => ({ ...workload, connections: () => workload.connections }))
}
