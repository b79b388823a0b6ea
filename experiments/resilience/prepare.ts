import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import {
  judgeModelsOnNodes,
  needsEnvironment,
  otherNodes,
  requireAllRunnable,
  versionText,
} from '../../cluster/runnable.ts'
import type { ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { unknownName } from '../../core/names.ts'
import { currentFaultId, renamedFaultNotes } from '../../core/renamed-faults.ts'
import type { ResilienceManifest, ResiliencePlan } from '../../core/resilience-record.ts'
import { freshSeed } from '../../core/seed.ts'
import { forkwiseVersion } from '../../core/version.ts'
import type { ResilienceRun } from '../../store/resilience-folder.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { Fault } from '../faults/fault.ts'
import { loadFaults } from '../faults/faults.ts'
import type { GivenOptions } from '../options/given.ts'
import { FAULTED_MODELS, FAULTED_WORKERS, RESILIENCE } from '../options/sets/resilience.ts'
import { readSettings } from '../options/settings.ts'
import { recordedModel } from '../recorded-model.ts'
import { pickModels } from '../resolution/models.ts'
import { TRAFFIC } from './traffic.ts'

/** Rate of the load, as a share of the lowest capacity: what is left of a server can still carry it. */
const SHARE = 0.4

/** What is asked of `resilience`. */
export interface ResilienceRequest {
  readonly models: readonly ServerModel[]
  /** Whether the models were named: then all of them must be able to run here, else those that can. */
  readonly named: boolean
  readonly faults: readonly Fault[]
  readonly workers: number
  readonly repeats: number
  readonly seed: number
  /** The Node that runs the servers; null = the one that runs us. */
  readonly nodePath: string | null
  /** The interpreter of models in Python; null = Debian's. */
  readonly pythonPath: string | null
  /** Folder for the results; null = a new one below `results/`. */
  readonly out: string | null
  /** What whoever asked should know, in sentences. */
  readonly notes: readonly string[]
}

/** Reads what is asked of `resilience`; every problem is noted, and the request is of use only when there was none. */
export async function readResilience(given: GivenOptions, problems: ProblemList): Promise<ResilienceRequest> {
  const settings = readSettings(RESILIENCE, given, problems)
  const {
    node = null,
    python = null,
    seed = freshSeed(),
    out = null,
    workers = FAULTED_WORKERS,
    quick,
    repeats,
  } = settings
  const allFaults = await loadFaults()
  return {
    models: pickModels(settings.models ?? FAULTED_MODELS, await loadModels(), given, problems),
    named: settings.models !== undefined,
    faults: pickFaults(settings.faults ?? allFaults.map(({ id }) => id), allFaults, given, problems),
    workers,
    repeats: quick === true ? 1 : repeats,
    seed,
    nodePath: node,
    pythonPath: python,
    out,
    notes: renamedFaultNotes(settings.faults ?? []),
  }
}

/** A resilience run that is ready: everything was checked, nothing was started. */
export interface PreparedResilience {
  readonly manifest: ResilienceManifest
  readonly models: readonly ServerModel[]
  readonly faults: readonly Fault[]
  readonly dir: string
  /** What whoever asked should know, in sentences. */
  readonly notes: readonly string[]
  /** The run to go on with; null for a new one. */
  readonly resumed: ResilienceRun | null
}

/**
 * Finds out which models can run here; `reproduce` says how the run is made again. Throws PART_MISSING when a named model
 * cannot.
 */
export async function prepareResilience(
  request: ResilienceRequest,
  reproduce: (seed: number) => string,
): Promise<PreparedResilience> {
  const { faults, workers, repeats, seed, nodePath, pythonPath } = request
  const environment = needsEnvironment(nodePath, pythonPath)
  const judged = await judgeModelsOnNodes(request.models, nodePath, null, pythonPath)
  if (request.named) requireAllRunnable(judged)
  const runnable = judged.filter(({ needs }) => needs.length === 0)
  const models = runnable.map(({ model }) => model)
  const nodePaths = otherNodes(runnable, environment)
  const plan: ResiliencePlan = {
    models: models.map(({ id }) => id),
    faults: faults.map(({ id }) => id),
    workers,
    repeats,
    seed,
    share: SHARE,
    timeoutS: 3,
    baselineS: 3,
    heartbeatTimeoutS: 2,
    nodePath,
    ...(nodePaths === undefined ? {} : { nodePaths }),
    ...(pythonPath === null ? {} : { pythonPath }),
  }
  const id = newRunId('resilience')
  const manifest: ResilienceManifest = {
    schema: 'forkwise/resilience-manifest@2',
    id,
    createdAt: new Date().toISOString(),
    forkwiseVersion: forkwiseVersion(),
    command: reproduce(seed),
    machine: machineFacts(versionText(environment)),
    plan,
    requests: TRAFFIC.requests,
    models: runnable.map((one) => ({
      ...recordedModel(one),
      reload: one.model.reload ?? null,
      restartedBy: one.model.supervision?.restartsDead === true ? one.model.supervision.by : null,
    })),
    faults: faults.map(({ id: fault, title, question, recoveryFrom }) => ({
      id: fault,
      title,
      question,
      recoveryFrom,
    })),
    notOffered: faults.flatMap((fault) =>
      models.flatMap((model) => {
        const reason = fault.offeredBy({ model, builtInApp: true })
        return reason === null ? [] : [{ model: model.id, fault: fault.id, reason }]
      }),
    ),
    unavailable: judged.flatMap(({ model, needs }) =>
      needs.slice(0, 1).map(({ what, remedy }) => ({ model: model.id, reason: what, remedy })),
    ),
  }
  return { manifest, models, faults, dir: request.out ?? newRunDir(id), notes: request.notes, resumed: null }
}

function pickFaults(
  names: readonly string[],
  all: readonly Fault[],
  given: GivenOptions,
  problems: ProblemList,
): readonly Fault[] {
  const ids = all.map(({ id }) => id)
  const current = [...new Set(names.map(currentFaultId))]
  for (const name of current.filter((each) => !ids.includes(each))) {
    const { message, hint } = unknownName(`a fault in \`${given.name('faults')}\``, name, ids)
    problems.add(message, hint)
  }
  return current.flatMap((name) => all.filter(({ id }) => id === name))
}
