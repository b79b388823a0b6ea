import { join } from 'node:path'
import { analyse } from '../../analysis/comparison/comparison.ts'
import type { Thresholds } from '../../analysis/comparison/assertion.ts'
import { standingsOf } from '../../analysis/comparison/standing.ts'
import type { ServerModel } from '../../cluster/model.ts'
import type { Session } from '../../cluster/session.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { machineFacts } from '../../core/machine.ts'
import type { Manifest, Result } from '../../core/records.ts'
import { ruleFile } from '../../dashboards/rules/rule-files.ts'
import { readCertificate } from '../../loadtest/certificate.ts'
import { HostMeter } from '../../loadtest/host.ts'
import type { Observation } from '../../loadtest/observation/observation.ts'
import { openObservation } from '../../loadtest/observation/open-observation.ts'
import { RunStore, type StoredRun } from '../../store/comparison-folder.ts'
import type { Emit } from '../events.ts'
import { requireSuitableMachine } from '../fitness.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import { withWorld } from '../world.ts'
import { requireAnsweringBaseline } from './baseline.ts'
import { runBlocks } from './blocks.ts'
import { trialCount } from './plan.ts'

/** A comparison that is ready to run: everything was checked, nothing was started. */
export interface PreparedComparison {
  readonly manifest: Manifest
  readonly models: readonly ServerModel[]
  readonly workloads: readonly Workload[]
  readonly cores: number
  readonly dir: string
  /** Who reads its series beside the recorder: a private Prometheus, the user's own by a folder, or nobody. */
  readonly reader: 'prometheus' | { readonly targetsDir: string } | null
  /** The run to go on with, or null for a new one. */
  readonly resumed: StoredRun | null
  /** True to measure on a machine that is too unsteady to trust. */
  readonly anyway: boolean
  /** What the result is to be held against. */
  readonly thresholds: Thresholds
  /** What the user should know before it runs, in whole sentences. */
  readonly notes: readonly string[]
  /** Removes what was made ready for it alone; the run does so when it ends. Idempotent. */
  close(): Promise<void>
}

/** What a comparison came to. */
export interface ComparisonOutcome {
  readonly dir: string
  readonly run: StoredRun
  readonly result: Result
}

/**
 * Runs a comparison from its first launch to its result; every finished part is in its folder at once. Rejects with
 * MACHINE_UNFIT, INTERRUPTED, FOLDER_UNWRITABLE, or what kept the baseline from answering.
 */
export function runComparison(prepared: PreparedComparison, signal: AbortSignal): Run<ComparisonOutcome> {
  return startRecordedRun(async (emit) => {
    try {
      return await compareModels(prepared, signal, emit)
    } finally {
      await prepared.close()
    }
  })
}

/** The result of a recorded run. Throws RESULT_INVALID when it has no finished trial. */
export function analyseRun(run: StoredRun): Result {
  if (run.pilot === null || run.trials.length === 0) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected ${run.dir} to hold finished trials, got none.`,
      hint: `The run stopped before its first trial was over. Go on with it: forkwise compare --resume ${run.dir}`,
    })
  }
  return analyse(run.manifest, run.pilot, run.trials, run.blocks, run.histograms, run.certificate)
}

async function compareModels(
  prepared: PreparedComparison,
  signal: AbortSignal,
  emit: Emit,
): Promise<ComparisonOutcome> {
  const { resumed, anyway, models, workloads, cores } = prepared
  if (resumed === null) {
    await withWorld(prepared.manifest.plan, { signal, emit: () => undefined, cores }, (context) =>
      requireAnsweringBaseline(prepared.manifest.plan, models, workloads, context),
    )
  }
  const preflight = await requireSuitableMachine(new HostMeter(cores, [], prepared.manifest.plan.dependencies), {
    anyway,
    emit,
    signal,
  })
  const manifest = resumed === null ? { ...prepared.manifest, preflight } : prepared.manifest
  const { plan } = manifest
  const store = resumed === null ? RunStore.create(prepared.dir) : RunStore.resume(resumed)
  if (resumed === null) {
    store.writeManifest(manifest)
    const certificate = readCertificate(machineFacts().id, manifest.forkwiseVersion)
    if (certificate !== null) store.writeCertificate(certificate)
  }
  const finished = resumed ?? { pilot: null, trials: [], blocks: [] }
  emit({
    type: 'run-started',
    experiment: 'compare',
    id: manifest.id,
    dir: store.dir,
    steps: trialCount(plan) + (finished.pilot === null ? models.length : 0) - finished.trials.length,
    expectedS: plan.expectedS,
  })
  for (const text of prepared.notes) emit({ type: 'note', level: 'info', text })
  try {
    const observe = (session: Session): Promise<Observation> => openSeries(prepared, session, store.dir, signal, emit)
    await withWorld(plan, { signal, emit, cores, observe }, (context) =>
      runBlocks({
        plan,
        models,
        workloads,
        context,
        store,
        emit,
        finished,
        standings: standingsOf,
        provisional: (run) => analyseRun(run).verdicts,
      }),
    )
  } catch (thrown) {
    if (signal.aborted) throw interrupted(store.dir, thrown)
    throw thrown
  }
  const run = store.run()
  const result = analyseRun(run)
  emit({ type: 'verdicts', provisional: false, verdicts: result.verdicts })
  store.finish(result)
  return { dir: store.dir, run, result }
}

async function openSeries(
  { manifest, reader }: PreparedComparison,
  session: Session,
  dir: string,
  signal: AbortSignal,
  emit: Emit,
): Promise<Observation> {
  const onProblem = (text: string): void => emit({ type: 'note', level: 'warning', text })
  const observation = await openObservation(
    { runId: manifest.id, dir: join(dir, 'series'), onProblem },
    reader === 'prometheus'
      ? { launch: session.createLaunch('prometheus'), rules: ruleFile(), port: 0, signal }
      : reader,
  )
  if (observation.url !== null) {
    emit({ type: 'note', level: 'info', text: `Prometheus is at ${observation.url} while the run lasts.` })
  }
  return observation
}

function interrupted(dir: string, cause: unknown): ForkwiseError {
  return new ForkwiseError(
    'INTERRUPTED',
    {
      message: `Interrupted. What was finished is kept in ${dir}.`,
      hint: `Go on with: npx forkwise compare --resume ${dir}`,
    },
    { cause },
  )
}
