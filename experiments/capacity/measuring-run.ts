import type { ServerModel } from '../../cluster/model.ts'
import { needsEnvironment, nodeOf, otherNodes, plannedApp, pythonOf, versionText } from '../../cluster/runnable.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { machineFacts, type MachineFacts } from '../../core/machine.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { CapacityFolder } from '../../store/capacity-folder.ts'
import type { CapacityExperiment, CapacityRecord } from '../../store/capacity-record.ts'
import type { Emit } from '../events.ts'
import { trialSettings, withWorld } from '../world.ts'
import { measureCapacity, type MeasuringPlan } from './measuring.ts'
import { openFolder, type PreparedMeasuring } from './request.ts'
import { modelSubject, type Subject } from './subject.ts'
import { type VirtualBehaviour, virtualSubject } from './virtual-subject.ts'

/** Everything that an experiment works with while it measures. */
export interface MeasuringRun {
  readonly id: string
  readonly folder: Pick<CapacityFolder, 'keep' | 'write' | 'finish' | 'appendSearch' | 'appendCount'>
  /** What a run that stopped had finished; null in a new one. */
  readonly resumed: CapacityRecord | null
  readonly machine: MachineFacts
  readonly context: TrialContext
  readonly emit: Emit
  /** A model under a workload as something to measure. */
  subject(model: ServerModel, workload: Workload): Subject
  /** A server of known behaviour as something to measure. */
  virtual(behaviour: VirtualBehaviour): Subject
  /** Measures subjects, keeping what is finished in the folder. */
  measure(subjects: readonly Subject[], plan: MeasuringPlan): Promise<CapacityMeasurement[]>
}

/** What an experiment on capacity came to. */
export interface CapacityOutcome<Result> {
  /** The results folder; null where nothing was kept. */
  readonly dir: string | null
  readonly result: Result
}

/** The world that measurements are made in; tests put a scripted one in its place. */
export interface MeasuringWorld {
  readonly open: typeof withWorld
  readonly virtual: typeof virtualSubject
}

/** Real servers, real load, real time. */
export const REAL_WORLD: MeasuringWorld = { open: withWorld, virtual: virtualSubject }

/** Warm-up before each saturation, as `compare` has it. */
const WARMUP = { minS: 0.4, maxS: 2.5, minCount: 50 } as const

/** How a run of measurements begins, and what it is watched by. */
export interface MeasuringStart {
  /** What to say of its length when it starts: slices (null where unknown) and seconds; null where it started before. */
  readonly started: { readonly steps: number | null; readonly expectedS: number } | null
  readonly signal: AbortSignal
  readonly emit: Emit
  readonly world: MeasuringWorld
}

/**
 * Opens a results folder and a world to launch servers in, lets `use` measure, and ends everything whatever happens. An
 * interruption rejects with INTERRUPTED and says where the finished measurements are; an empty folder is not left.
 */
export async function withMeasuring<T>(
  prepared: PreparedMeasuring,
  { started, signal, emit, world }: MeasuringStart,
  use: (run: MeasuringRun) => Promise<T>,
): Promise<CapacityOutcome<T>> {
  const { id, experiment, judged, seed, nodePath, pythonPath, app, dependencies, timeoutS, resumed } = prepared
  const usual = needsEnvironment(nodePath)
  const machine = machineFacts(versionText(usual))
  const folder = openFolder(prepared, machine)
  const { dir } = folder
  const nodePaths = otherNodes(judged, usual)
  const settings = trialSettings({
    workers: 1,
    seed,
    nodePath,
    ...plannedApp(app),
    timeoutS,
    ...(dependencies.length === 0 ? {} : { dependencies }),
    warmup: WARMUP,
    ...(nodePaths === undefined ? {} : { nodePaths }),
    ...(pythonPath === null ? {} : { pythonPath }),
  })
  if (started === null) emit({ type: 'folder-made', dir })
  else emit({ type: 'run-started', experiment, id, dir, ...started })
  noteOtherNodes(prepared, machine, emit)
  try {
    const result = await world.open(settings, { signal, emit }, (context) =>
      use({
        id,
        folder,
        resumed,
        machine,
        context,
        emit,
        subject: (model, workload) => {
          const found = judged.find((each) => each.model.id === model.id)
          const judgedModel = found ?? { model, node: usual }
          return modelSubject(model, workload, context, nodeOf(judgedModel), pythonOf(judgedModel))
        },
        virtual: (behaviour) => world.virtual(behaviour, context),
        measure: (subjects, plan) =>
          measureCapacity(subjects, plan, {
            context,
            machine,
            emit,
            keep: (measurement) => folder.keep(measurement),
            finished: resumed?.measurements ?? [],
          }),
      }),
    )
    return { dir, result }
  } catch (thrown) {
    const isEmpty = folder.discardEmpty()
    throw signal.aborted ? interrupted(isEmpty ? null : dir, experiment, thrown) : thrown
  }
}

/** An interruption, with the folder that what was finished is kept in; null when there is none. */
export function interrupted(dir: string | null, experiment: CapacityExperiment, cause: unknown): ForkwiseError {
  return new ForkwiseError(
    'INTERRUPTED',
    dir === null
      ? { message: 'Interrupted before anything was finished; nothing was kept.' }
      : {
          message: `Interrupted. What was finished is kept in ${dir}.`,
          hint: `Go on with: npx forkwise ${experiment} --resume ${dir}`,
        },
    { cause },
  )
}

function noteOtherNodes({ judged }: PreparedMeasuring, machine: MachineFacts, emit: Emit): void {
  for (const one of judged) {
    const node = nodeOf(one)
    if (node === null || node === machine.node) continue
    const text = `${one.model.id} runs on Node ${node} of \`npx forkwise setup\`.`
    emit({ type: 'note', level: 'info', text })
  }
}
