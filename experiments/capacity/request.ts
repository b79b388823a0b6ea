import { resolve } from 'node:path'
import { serverCores } from '../../loadtest/placement.ts'
import type { AppUnderTest, ServerModel } from '../../cluster/model.ts'
import { findingsOf, type JudgedModel, judgeModelsOnNodes, requireAllRunnable } from '../../cluster/runnable.ts'
import type { Workload } from '../../core/load.ts'
import type { AppDependency } from '../../core/records.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { ExperimentName } from '../events.ts'

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
}

/** What is asked of every experiment that measures the capacity of models. */
export interface MeasuringRequest extends LaunchRequest {
  readonly models: readonly ServerModel[]
  readonly workload: Workload
}

/** Measurements that are ready to be made: everything was checked, nothing was started. */
export interface PreparedMeasuring extends LaunchRequest {
  readonly experiment: ExperimentName
  readonly id: string
  readonly dir: string
  /** The models that can run here, each with the Node that runs it. */
  readonly judged: readonly JudgedModel[]
  /** Cores that a server gets on this machine. */
  readonly cores: number
}

/** Finds the Node that runs each model here; throws PART_MISSING for the models that cannot run, all at once. */
export async function prepareMeasuring(
  experiment: ExperimentName,
  request: MeasuringRequest,
): Promise<PreparedMeasuring> {
  const { judged, app } = await judge(request.models, request)
  requireAllRunnable(judged)
  return prepared(experiment, { ...request, app }, judged)
}

/** The same of models that need not all run: those that cannot are left out. */
export async function prepareWhatRuns(
  experiment: ExperimentName,
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
  { app, nodePath, pythonPath }: LaunchRequest,
): Promise<{ readonly judged: readonly JudgedModel[]; readonly app: AppUnderTest | null }> {
  const findings = await findingsOf(app, nodePath)
  const judged = await judgeModelsOnNodes(models, nodePath, findings, pythonPath)
  return { judged, app: app === null ? null : { ...app, ...findings?.start } }
}

function prepared(
  experiment: ExperimentName,
  { app, dependencies, nodePath, pythonPath, timeoutS, seed, out }: LaunchRequest,
  judged: readonly JudgedModel[],
): PreparedMeasuring {
  const id = newRunId(experiment)
  const dir = resolve(out ?? newRunDir(id))
  return {
    experiment,
    id,
    dir,
    app,
    dependencies,
    nodePath,
    pythonPath,
    timeoutS,
    seed,
    out,
    judged,
    cores: serverCores(),
  }
}
