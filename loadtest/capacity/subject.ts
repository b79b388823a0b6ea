import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import type { Workload } from '../../core/load.ts'
import type { Routing } from '../../core/routing.ts'
import { saturatingConnections } from '../saturation.ts'
import { type TrialSurroundings, withServer } from '../trial.ts'

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
  /** Launches it with so many workers, lets `use` measure it, and ends it whatever happens. */
  run<T>(workers: number, use: (server: RunningServer, surroundings: TrialSurroundings) => Promise<T>): Promise<T>
}

/** Requests that a worker of each WSGI server takes up at a time, as its model in cluster/models/ sets it up. */
const WSGI_THREADS: Readonly<Record<string, number>> = {
  'gunicorn-sync': 1,
  'gunicorn-gthread': 4,
  'gunicorn-gevent': 100,
  uwsgi: 4,
  'mod-wsgi': 4,
}

/** A server model under a workload. */
export function modelSubject(model: ServerModel, workload: Workload, surroundings: TrialSurroundings): Subject {
  return {
    model: model.id,
    workload: { ...workload, connections: (size) => saturatingConnections(model, workload, size) },
    routing: model.routing,
    executor: model.executor,
    threads: WSGI_THREADS[model.id] ?? 1,
    fixedSize: model.fixedSize === true,
    arithmetic: false,
    run(workers, use) {
      const sized = { ...surroundings, plan: { ...surroundings.plan, workers } }
      const observed = { model: model.id, workload: workload.id, trial: `capacity-${workers}` }
      return withServer(model, observed, sized, (server) => use(server, sized))
    },
  }
}
