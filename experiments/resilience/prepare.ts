import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import {
  judgeModelsOnNodes,
  needsEnvironment,
  otherNodes,
  requireAllRunnable,
  versionText,
} from '../../cluster/runnable.ts'
import { ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { unknownName } from '../../core/names.ts'
import { currentFaultId, renamedFaultNotes } from '../../core/renamed-faults.ts'
import type { ResilienceManifest, ResiliencePlan } from '../../core/resilience-record.ts'
import { freshSeed } from '../../core/seed.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { Fault } from '../faults/fault.ts'
import { loadFaults } from '../faults/faults.ts'
import { recordedModel } from '../recorded-model.ts'
import { TRAFFIC } from './traffic.ts'

/** Models when nothing is said: those that tell the faults apart and need little. */
export const DEFAULT_MODELS: readonly string[] = [
  'single',
  'cluster',
  'reuse-port',
  'pm2-fork',
  'pm2-cluster',
  'nginx-fork',
  'worker-pool',
]

/** Launches of each model under each fault when nothing is said. */
export const DEFAULT_REPEATS = 3

/** Workers of each model when nothing is said. */
export const DEFAULT_WORKERS = 2

/** Rate of the load, as a share of the lowest capacity: what is left of a server can still carry it. */
const SHARE = 0.4

/** What a resilience run is asked for; what is left out is decided by {@link prepareResilience}. */
export interface ResilienceRequest {
  /** Names of models, all of which must be able to run here; left out, those of {@link DEFAULT_MODELS} that can. */
  readonly models?: readonly string[] | undefined
  /** Ids of faults; left out, all. */
  readonly faults?: readonly string[] | undefined
  readonly workers?: number | undefined
  readonly repeats?: number | undefined
  readonly seed?: number | undefined
  /** The Node that runs the servers; left out, the one that runs us. */
  readonly nodePath?: string | undefined
  /** The interpreter of models in Python; left out, Debian's. */
  readonly pythonPath?: string | undefined
  /** Folder for the results; left out, `results/<time>-resilience`. */
  readonly out?: string | undefined
}

/** A resilience run that is ready: everything was checked, nothing was started. */
export interface PreparedResilience {
  readonly manifest: ResilienceManifest
  readonly models: readonly ServerModel[]
  readonly faults: readonly Fault[]
  readonly dir: string
  /** What whoever asked should know, in sentences. */
  readonly notes: readonly string[]
}

/**
 * Checks what is asked for and finds the models and faults; `reproduce` says how the run is made again. Throws USAGE with
 * every problem, those noted before included, PART_MISSING when a named model cannot run here.
 */
export async function prepareResilience(
  request: ResilienceRequest,
  reproduce: (seed: number) => string,
  problems: ProblemList = new ProblemList(),
): Promise<PreparedResilience> {
  const [allModels, allFaults] = [await loadModels(), await loadFaults()]
  const chosen = pick(allModels, request.models ?? DEFAULT_MODELS, 'a model', problems)
  const ids = request.faults?.map(currentFaultId) ?? allFaults.map(({ id }) => id)
  const faults = pick(allFaults, [...new Set(ids)], 'a fault', problems)
  problems.throwIfAny('USAGE')

  const { nodePath = null, pythonPath = null } = request
  const seed = request.seed ?? freshSeed()
  const environment = needsEnvironment(nodePath, pythonPath)
  const judged = await judgeModelsOnNodes(chosen, nodePath, null, pythonPath)
  if (request.models !== undefined) requireAllRunnable(judged)
  const runnable = judged.filter(({ needs }) => needs.length === 0)
  const models = runnable.map(({ model }) => model)
  const nodePaths = otherNodes(runnable, environment)
  const plan: ResiliencePlan = {
    models: models.map(({ id }) => id),
    faults: faults.map(({ id }) => id),
    workers: request.workers ?? DEFAULT_WORKERS,
    repeats: request.repeats ?? DEFAULT_REPEATS,
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
  return { manifest, models, faults, dir: request.out ?? newRunDir(id), notes: renamedFaultNotes(request.faults ?? []) }
}

function pick<T extends { readonly id: string }>(
  all: readonly T[],
  names: readonly string[],
  kind: string,
  problems: ProblemList,
): T[] {
  const ids = all.map(({ id }) => id)
  for (const name of names.filter((each) => !ids.includes(each))) {
    const problem = unknownName(kind, name, ids)
    problems.add(problem.message, problem.hint)
  }
  return names.flatMap((name) => all.filter(({ id }) => id === name))
}
