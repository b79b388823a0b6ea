import { NO_THRESHOLDS } from '../../analysis/comparison/assertion.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { outsideModel } from '../../cluster/outside-server.ts'
import { variantModel } from '../../cluster/variant.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { machineFacts } from '../../core/machine.ts'
import { requireKnown } from '../../core/names.ts'
import type { Manifest } from '../../core/records.ts'
import { readRun } from '../../store/comparison-folder.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import type { Invocation } from '../command.ts'
import type { PreparedComparison } from '../../experiments/comparison/comparison.ts'
import { availableCores } from '../../core/cores.ts'

/** A run to go on with: its plan decides, so no other option may be given. */
export async function resumedComparison(invocation: Invocation): Promise<PreparedComparison> {
  const others = Object.keys(invocation.values).filter((name) => !['resume', 'json', 'anyway'].includes(name))
  if (others.length > 0) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`--resume\` alone, got it with ${others.map((name) => `\`--${name}\``).join(', ')}.`,
      hint: 'A resumed run goes on with its own plan.',
    })
  }
  const run = readRun(String(invocation.values['resume']))
  const { manifest } = run
  requireSameMachine(manifest)
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
    anyway: invocation.values['anyway'] === true,
    thresholds: NO_THRESHOLDS,
    notes: [],
    close: () => Promise.resolve(),
  }
}

function requireSameMachine({ machine }: Manifest): void {
  const here = machineFacts()
  if (here.id === machine.id) return
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected the machine the run was begun on (${machine.cpu}, ${machine.cores} cores), got ${here.cpu}, ${here.cores} cores.`,
    hint: 'Trials of two machines cannot be compared. Start a new run here.',
  })
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
