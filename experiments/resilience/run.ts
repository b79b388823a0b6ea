import { join } from 'node:path'
import { analyseResilience } from '../../analysis/resilience/resilience.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { ResilienceResult } from '../../core/resilience-record.ts'
import type { Observation } from '../../loadtest/observation/observation.ts'
import { openObservation } from '../../loadtest/observation/open-observation.ts'
import { readResilienceRun, ResilienceFolder, type ResilienceRun } from '../../store/resilience-folder.ts'
import type { Emit } from '../events.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import { trialSettings, withWorld } from '../world.ts'
import { cellsLeft, expectedResilienceS, measureCells } from './cells.ts'
import type { PreparedResilience } from './prepare.ts'

/** Slices that find out what a model can do: longer than a pilot's, since a rate hangs on them. */
const CAPACITY_SLICES = { warmup: { minS: 0.5, maxS: 2.5, minCount: 50 }, saturationS: 2 } as const

/** What a resilience run came to. */
export interface ResilienceOutcome {
  readonly dir: string
  readonly run: ResilienceRun
  readonly result: ResilienceResult
}

/**
 * Injects every fault into every model as planned; each finished cell is in its folder at once. Rejects with INTERRUPTED
 * when the signal aborts, FOLDER_UNWRITABLE, or RESULT_INVALID when no cell could be begun.
 */
export function runResilience(prepared: PreparedResilience, signal: AbortSignal): Run<ResilienceOutcome> {
  return startRecordedRun((emit) => injectAll(prepared, signal, emit))
}

/** The result of a recorded run. Throws RESULT_INVALID when it has no finished cell. */
export function analyseResilienceRun(run: ResilienceRun): ResilienceResult {
  if (run.cells.length > 0) return analyseResilience(run.manifest, run.rates, run.cells)
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected ${run.dir} to hold finished cells, got none.`,
    hint: `The run stopped before its first one was over. Go on with it: npx forkwise resilience --resume ${run.dir}`,
  })
}

async function injectAll(prepared: PreparedResilience, signal: AbortSignal, emit: Emit): Promise<ResilienceOutcome> {
  const { manifest, models, faults, resumed } = prepared
  const { plan } = manifest
  const folder = resumed === null ? ResilienceFolder.create(prepared.dir) : ResilienceFolder.open(resumed.dir)
  if (resumed === null) folder.writeManifest(manifest)
  const task = { plan, models, faults, folder, finished: resumed ?? { rates: null, cells: [] } }
  emit({
    type: 'run-started',
    experiment: 'resilience',
    id: manifest.id,
    dir: folder.dir,
    steps: (task.finished.rates === null ? models.length : 0) + cellsLeft(task).length,
    expectedS: expectedResilienceS(task),
  })
  for (const text of prepared.notes) emit({ type: 'note', level: 'info', text })
  const settings = trialSettings({
    workers: plan.workers,
    seed: plan.seed,
    nodePath: plan.nodePath,
    timeoutS: plan.timeoutS,
    ...CAPACITY_SLICES,
    ...(plan.nodePaths === undefined ? {} : { nodePaths: plan.nodePaths }),
    ...(plan.pythonPath === undefined ? {} : { pythonPath: plan.pythonPath }),
  })
  const observe = (): Promise<Observation> =>
    openObservation(
      {
        runId: manifest.id,
        dir: join(folder.dir, 'series'),
        onProblem: (text) => emit({ type: 'note', level: 'warning', text }),
      },
      null,
    )
  try {
    await withWorld(settings, { signal, emit, observe }, (context) => measureCells(task, context, emit))
  } catch (thrown) {
    if (signal.aborted) throw interrupted(folder.dir, thrown)
    throw thrown
  }
  const run = readResilienceRun(folder.dir)
  const result = analyseResilienceRun(run)
  folder.finish(result)
  return { dir: folder.dir, run, result }
}

function interrupted(dir: string, cause: unknown): ForkwiseError {
  return new ForkwiseError(
    'INTERRUPTED',
    {
      message: `Interrupted. What was finished is kept in ${dir}.`,
      hint: `Go on with: npx forkwise resilience --resume ${dir}`,
    },
    { cause },
  )
}
