import type { CapacityMeasurement } from '../../../core/capacity.ts'
import type { SimulatedServer } from '../simulation/specification.ts'

/** How a worker of a model takes up and runs requests, for the simulation. */
export type ServerShape = Required<Pick<SimulatedServer, 'slots' | 'lanes'>> & Pick<SimulatedServer, 'sliceS'>

/** Longest stretch that a cooperative executor computes before it lets the event loop turn, in seconds (assumed). */
const COOPERATIVE_SLICE_S = 0.005

/** The shape of a model's workers: what its executor and threads mean for a request that waits or computes. */
export function shapeOf({
  executor,
  routing,
  threads,
  parallelThreads = false,
}: Pick<CapacityMeasurement, 'executor' | 'routing' | 'threads'> & {
  readonly parallelThreads?: boolean
}): ServerShape {
  switch (executor) {
    case 'cooperative':
      return { slots: Infinity, lanes: 1, sliceS: COOPERATIVE_SLICE_S }
    case 'thread-per-request':
      return { slots: Infinity, lanes: Infinity }
    case 'worker-pool':
    case 'process-pool':
    case 'task-queue':
    case 'task-queue-reply':
      // Behind a central queue a worker is one thread of the pool; else it is a process with a pool of its own.
      return routing === 'central-queue' ? { slots: 1, lanes: 1 } : { slots: threads, lanes: threads }
    case 'wsgi':
      // Threads of one Python process share its interpreter lock, where the interpreter has one.
      return { slots: threads, lanes: parallelThreads ? threads : 1 }
    default:
      return { slots: Infinity, lanes: 1 }
  }
}
