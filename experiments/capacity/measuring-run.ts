import type { ServerModel } from '../../cluster/model.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { machineFacts, type MachineFacts } from '../../core/machine.ts'
import { formatDuration } from '../../core/quantities.ts'
import type { Workload } from '../../core/load.ts'
import { CapacityFolder } from '../../store/capacity-folder.ts'
import { measureCapacity, sliceCount, type MeasuringPlan } from './measuring.ts'
import { modelSubject, type Subject } from './subject.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { Invocation, Terminal } from '../../cli/command.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import { needsEnvironment, nodeOf, otherNodes, plannedApp, versionText } from '../../cluster/runnable.ts'
import { Progress } from '../../cli/progress.ts'
import type { DriverProgress } from '../../loadtest/driver.ts'
import type { Emit } from '../events.ts'
import { trialSettings, withWorld } from '../world.ts'
import type { RunnableChoices } from '../../cli/capacity/choices.ts'
import { writeCapacityReports } from '../../report/capacity/folder.ts'

/** Everything that a command works with while it measures. */
export interface MeasuringRun {
  readonly id: string
  readonly folder: CapacityFolder
  readonly machine: MachineFacts
  readonly context: TrialContext
  /** A chosen model as something to measure, under the chosen workload unless told another. */
  subject(model: ServerModel, workload?: Workload): Subject
  /** Measures subjects, keeping what is finished in the folder. */
  measure(subjects: readonly Subject[], plan: MeasuringPlan): Promise<CapacityMeasurement[]>
}

/** Seconds that a launch takes, its readiness and its end included (2 cores, Node 20.20, November 2025). */
const LAUNCH_S = 1.1

/** Seconds that a slice takes besides its counted part: processes to start, warming up, requests in flight. */
const SLICE_S = 1

/** Warm-up before each saturation, as `compare` has it. */
const WARMUP = { minS: 0.4, maxS: 1, minCount: 50 } as const

/**
 * Opens a results folder and the context for launching servers, lets `use` measure, ends everything whatever
 * happens, and writes the reports of what it left in the folder. An interruption says where the finished measurements are.
 */
export async function withMeasuring<T>(
  kind: string,
  choices: RunnableChoices,
  { signal, terminal }: Pick<Invocation, 'signal' | 'terminal'>,
  use: (run: MeasuringRun) => Promise<T>,
): Promise<T> {
  const id = newRunId(kind)
  const folder = CapacityFolder.create(choices.out ?? newRunDir(id))
  const usual = needsEnvironment(choices.nodePath)
  const machine = machineFacts(versionText(usual))
  const nodePaths = otherNodes(choices.judged, usual)
  const settings = trialSettings({
    workers: 1,
    seed: choices.seed,
    nodePath: choices.nodePath,
    ...plannedApp(choices.app),
    timeoutS: choices.timeoutS,
    warmup: WARMUP,
    ...(nodePaths === undefined ? {} : { nodePaths }),
  })
  let onProgress: (progress: DriverProgress) => void = () => undefined
  const emit: Emit = (event) => {
    if (event.type === 'load') onProgress(event.progress)
  }
  try {
    const found = await withWorld(settings, { signal, emit }, (context) =>
      use({
        id,
        folder,
        machine,
        context,
        subject: (model, workload = choices.workload) => {
          const judged = choices.judged.find((each) => each.model.id === model.id)
          return modelSubject(model, workload, context, nodeOf(judged ?? { model, node: usual }))
        },
        measure: (subjects, plan) =>
          measureWithProgress(subjects, plan, { folder, machine, context, terminal }, (show) => (onProgress = show)),
      }),
    )
    writeCapacityReports(folder.dir)
    terminal.note(
      terminal.style('faint', `Files in ${folder.dir}: report.html, report.md, measurements and result as JSON`),
    )
    return found
  } catch (thrown) {
    terminal.live('')
    const isEmpty = folder.discardEmpty()
    if (!signal.aborted) throw thrown
    if (isEmpty) {
      throw new ForkwiseError(
        'INTERRUPTED',
        { message: 'Interrupted before anything was finished; nothing was kept.' },
        { cause: thrown },
      )
    }
    throw new ForkwiseError(
      'INTERRUPTED',
      {
        message: `Interrupted. What was finished is kept in ${folder.dir}.`,
        hint: `Plan with it, if it suffices: npx forkwise plan --from ${folder.dir} --rate 900 --slo 'p99<200ms'`,
      },
      { cause: thrown },
    )
  }
}

/** Seconds that measuring models takes, about; `fixedSize` ones have one worker whatever is asked for. */
export function expectedS(
  models: readonly Pick<Subject, 'fixedSize'>[],
  plan: MeasuringPlan,
  workload: Workload,
): number {
  const perBlockS = models.map(({ fixedSize }) => {
    const launches = fixedSize ? 1 : plan.workers.length
    const rates = (fixedSize ? Math.min(1, plan.rateWorkers.length) : plan.rateWorkers.length) * plan.loads.length
    return (
      launches * LAUNCH_S +
      (plan.saturationS > 0 ? launches * (plan.saturationS + SLICE_S) : 0) +
      (plan.loneS > 0 ? plan.loneS + workload.requests.length * SLICE_S : 0) +
      rates * (plan.rateS + SLICE_S)
    )
  })
  return plan.blocks * perBlockS.reduce((sum, seconds) => sum + seconds, 0)
}

async function measureWithProgress(
  subjects: readonly Subject[],
  plan: MeasuringPlan,
  run: Pick<MeasuringRun, 'folder' | 'machine' | 'context'> & { readonly terminal: Terminal },
  watch: (show: (progress: DriverProgress) => void) => void,
): Promise<CapacityMeasurement[]> {
  const { folder, machine, context, terminal } = run
  const [first] = subjects
  const takesS = first === undefined ? 0 : expectedS(subjects, plan, first.workload)
  const progress = new Progress(terminal, sliceCount(subjects, plan), takesS)
  terminal.note(terminal.style('faint', `Measuring for about ${formatDuration(takesS)}, into ${folder.dir}`))
  for (const { model, node } of subjects) {
    if (node !== undefined && node !== machine.node)
      terminal.note(terminal.style('faint', `${model} runs on Node ${node} of \`npx forkwise setup\`.`))
  }
  watch((figures) => progress.load(figures))
  try {
    return await measureCapacity(subjects, plan, machine, context, {
      onLaunch: (label) => {
        if (!terminal.interactive) progress.note(label)
      },
      onWaiting: (foreignCores) =>
        progress.step(`waiting for other programs to become quiet (${foreignCores.toFixed(1)} cores busy)`),
      onSlice: (label) => {
        progress.step(label)
      },
      onMeasured: (measurement) => folder.keep(measurement),
    })
  } finally {
    progress.finish()
  }
}
