import { resolve } from 'node:path'
import { serverCores } from '../../loadtest/placement.ts'
import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import { findingsOf, type JudgedModel, judgeModelsOnNodes, requireAllRunnable } from '../../cluster/runnable.ts'
import type { Workload } from '../../core/load.ts'
import type { MachineFacts } from '../../core/machine.ts'
import type { AppDependency } from '../../core/records.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { CapacityFolder } from '../../store/capacity-folder.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { CapacityExperiment, CapacityManifest, CapacityRecord } from '../../store/capacity-record.ts'

/** How servers are launched and where results go, whatever is measured of them. */
export interface LaunchRequest {
  /** The user's own app and how it is started, or null for the built-in app. */
  readonly app: AppUnderTest | null
  /** Processes of the user's own that the app calls. */
  readonly dependencies: readonly AppDependency[]
  /** The Node that runs the servers; null = the one that runs us. */
  readonly nodePath: string | null
  /** The interpreter of models in Python; null = Debian's. */
  readonly pythonPath: string | null
  readonly timeoutS: number
  readonly seed: number
  /** Folder for the results; null = a new one below `results/`. */
  readonly out: string | null
  /** How the budget is named in messages, as it was given: `--budget` on a command line, where absent. */
  readonly budgetName?: string
  /** The options by key from which the same request follows again. */
  readonly options: CapacityManifest['options']
  /** What is finished already, when a run that stopped is gone on with. */
  readonly resumed: CapacityRecord | null
}

/** What is asked of every experiment that measures the capacity of models. */
export interface MeasuringRequest extends LaunchRequest {
  readonly models: readonly ServerModel[]
  readonly workload: Workload
}

/** Measurements that are ready to be made: everything was checked, nothing was started. */
export interface PreparedMeasuring extends LaunchRequest {
  readonly experiment: CapacityExperiment
  readonly id: string
  readonly dir: string
  /** The models that can run here, each with the Node that runs it. */
  readonly judged: readonly JudgedModel[]
  /** Cores that a server gets on this machine. */
  readonly cores: number
}

/** Finds the Node that runs each model here; throws PART_MISSING for the models that cannot run, all at once. */
export async function prepareMeasuring(
  experiment: CapacityExperiment,
  request: MeasuringRequest,
): Promise<PreparedMeasuring> {
  const { judged, app } = await judge(request.models, request)
  requireAllRunnable(judged)
  return prepared(experiment, { ...request, app }, judged)
}

/** The same of models that need not all run: those that cannot are left out. */
export async function prepareWhatRuns(
  experiment: CapacityExperiment,
  request: LaunchRequest,
  models: readonly ServerModel[],
): Promise<PreparedMeasuring> {
  const { judged, app } = await judge(models, request)
  return prepared(
    experiment,
    { ...request, app },
    judged.filter(({ needs }) => needs.length === 0),
  )
}

/** What each of the models lacks here, the Node that is to run it, and how the app is started. */
async function judge(
  models: readonly ServerModel[],
  { app: asked, nodePath, pythonPath, resumed }: LaunchRequest,
): Promise<{ readonly judged: readonly JudgedModel[]; readonly app: AppUnderTest | null }> {
  const cwd = resumed?.manifest.cwd
  const app = asked === null || cwd === undefined ? asked : { ...asked, cwd }
  const findings = await findingsOf(app, nodePath)
  const judged = await judgeModelsOnNodes(models, nodePath, findings, pythonPath)
  return { judged, app: app === null ? null : { ...app, ...findings?.start } }
}

function prepared(
  experiment: CapacityExperiment,
  { app, dependencies, nodePath, pythonPath, timeoutS, seed, out, options, resumed }: LaunchRequest,
  judged: readonly JudgedModel[],
): PreparedMeasuring {
  const id = resumed?.manifest.id ?? newRunId(experiment)
  const dir = resumed?.dir ?? resolve(out ?? newRunDir(id))
  const launch = { app, dependencies, nodePath, pythonPath, timeoutS, seed, out, options, resumed }
  return { experiment, id, dir, ...launch, judged, cores: serverCores() }
}

/** The folder of a run: a new one, with what is known of it, or that of the run that is gone on with. */
export function openFolder(
  { experiment, id, dir, options, seed, resumed }: PreparedMeasuring,
  machine: MachineFacts,
): CapacityFolder {
  if (resumed !== null) return CapacityFolder.open(dir)
  return CapacityFolder.create(dir, {
    schema: 'forkwise/capacity-manifest@1',
    id,
    createdAt: new Date().toISOString(),
    forkwiseVersion: forkwiseVersion(),
    experiment,
    machine,
    options: { ...options, seed },
    cwd: process.cwd(),
  })
}
