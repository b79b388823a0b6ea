import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import type { Workload } from '../../core/load.ts'
import { holdsInterpreterLock } from '../../core/python-version.ts'
import type { Routing } from '../../core/routing.ts'
import { requireExpectedAnswers } from '../../loadtest/equality/expected.ts'
import { saturatingConnections } from '../../loadtest/saturation.ts'
import { withServer } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'

/** What the slices of one launch share. */
export interface LaunchContext extends TrialContext {
  /** When the launch began, of `performance.now()`. */
  readonly launchedMs: number
}

/** Something whose capacity is measured: a server model under a workload, or a server of known behaviour. */
export interface Subject {
  readonly model: string
  readonly workload: Workload
  readonly routing: Routing
  readonly executor: string
  /** Requests that one worker of a threaded server takes up at a time. */
  readonly threads: number
  readonly fixedSize: boolean
  /** True when workers are busy without computing, so that nothing but them can limit a closed loop. */
  readonly arithmetic: boolean
  /** Version of the Node that runs it; absent where no Node does. */
  readonly node?: string
  /** The Python that runs it, where one was named. */
  readonly python?: string
  /** Set where the threads of a worker compute at the same time. */
  readonly parallelThreads?: boolean
  /** Requests that `workers` of its workers can handle at the same time; null where nothing bounds them. */
  concurrency(workers: number): number | null
  /** Launches it with that many workers, lets `use` measure it, and ends it whatever happens. */
  run<T>(workers: number, use: (server: RunningServer, context: LaunchContext) => Promise<T>): Promise<T>
}

/** A server model under a workload, run by a Node of that version, and by the Python that was named; null for none. */
export function modelSubject(
  model: ServerModel,
  workload: Workload,
  context: TrialContext,
  node: string | null,
  python: string | null = null,
): Subject {
  return {
    model: model.id,
    workload: { ...workload, connections: (size) => saturatingConnections(model, workload, size) },
    routing: model.routing,
    executor: model.executor,
    threads: model.concurrency?.({ workers: 1, threads: 1 }) ?? 1,
    fixedSize: model.fixedSize === true,
    arithmetic: false,
    ...(node === null ? {} : { node }),
    ...(python === null ? {} : { python }),
    ...(computesInThreads(model, python) ? { parallelThreads: true } : {}),
    concurrency: (workers) => model.concurrency?.({ workers, threads: 1 }) ?? null,
    async run(workers, use) {
      await context.dependency.ready()
      const settings = { ...context.settings, workers }
      const sized = { ...context, settings, launchedMs: performance.now() }
      const observed = { model: model.id, workload: workload.id, trial: `capacity-${workers}` }
      return withServer(
        model,
        observed,
        sized,
        async (server) => {
          await requireExpectedAnswers(model, server, workload, sized)
          return use(server, sized)
        },
        [workload],
      )
    },
  }
}

/** Whether threads of one worker compute at the same time: those of a WSGI server do without an interpreter lock. */
function computesInThreads({ executor, greenlets }: ServerModel, python: string | null): boolean {
  return executor === 'wsgi' && greenlets === undefined && python !== null && !holdsInterpreterLock(python)
}
