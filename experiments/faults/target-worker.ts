import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../../cluster/model.ts'
import { activityOf, descendantsOf, listProcesses } from '../../cluster/proc.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Unit } from '../../core/unit.ts'
import type { Scene } from './fault.ts'

/** How often the workers are looked at, in milliseconds. */
const LOOK_MS = 4

/** A worker that was seen running at every look for so long computes, in milliseconds. */
const COMPUTES_MS = 110

/** How often processes are looked at that do tasks, in milliseconds. */
const TASK_LOOK_MS = 25

/**
 * A worker that ran at every look for so long does a task itself and is not about to fork for one, and a process that was
 * forked so long ago has a long task in hand; in milliseconds.
 */
const DOES_TASK_MS = 300

/** Executors whose work waits in a queue outside. */
const TASK_EXECUTORS: readonly string[] = ['task-queue', 'task-queue-reply']

/** The unit that only puts tasks into the queue. */
const FRONT = 'web'

/** Longest wait for a worker that computes, in milliseconds. */
const PATIENCE_MS = 3_000

/** The same where a task goes through a queue first, and a process may be forked for it. */
const TASK_PATIENCE_MS = 5_000

/** The worker into which a fault is injected, and whether it is known to be in the middle of computing. */
export interface TargetWorker {
  readonly unit: Unit
  readonly computing: boolean
  /** The process as which its tasks are noted: a process forked for a task has them noted by the one that forked it. */
  readonly notedAs: number
}

/**
 * Waits until a worker has been computing for {@link COMPUTES_MS} without a pause, so that it has met no client that
 * came since, and gives it; the last one by name when none does. While several do, it waits until one is left, which
 * computes for longer than the others: the one longest at it when the wait is over. Throws TRIAL_FAILED when there is no
 * worker process.
 */
export async function findComputingWorker(
  server: RunningServer,
  { model, signal }: Pick<Scene, 'model' | 'signal'>,
): Promise<TargetWorker> {
  const workers = await workersOf(server)
  if (TASK_EXECUTORS.includes(model.executor)) return findTaskWorker(server, signal)
  // Elsewhere than on the event loop nothing keeps it from meeting its clients.
  if (!['inline', 'wsgi', 'asgi'].includes(model.executor)) return idle(workers)
  const sinceMs = new Map<number, number>()
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    signal.throwIfAborted()
    noteRunning(sinceMs, workers)
    const [first, ...others] = computingSince(sinceMs, COMPUTES_MS)
    if (first !== undefined && others.length === 0) return computing(workers, first)
    await sleep(LOOK_MS)
  }
  const [longest] = computingSince(sinceMs, COMPUTES_MS)
  return longest === undefined ? idle(workers) : computing(workers, longest)
}

/** Keeps since when each worker has been seen running at every look, by the clock of `performance.now()`. */
function noteRunning(sinceMs: Map<number, number>, workers: readonly Unit[]): void {
  const nowMs = performance.now()
  for (const { pid } of workers) {
    if (activityOf(pid) !== 'running') sinceMs.delete(pid)
    else sinceMs.set(pid, sinceMs.get(pid) ?? nowMs)
  }
}

/** Processes that have been running for so long, in milliseconds, the one longest at it first. */
function computingSince(sinceMs: ReadonlyMap<number, number>, leastMs: number): number[] {
  const nowMs = performance.now()
  return [...sinceMs]
    .filter(([, since]) => nowMs - since >= leastMs)
    .toSorted(([, a], [, b]) => a - b)
    .map(([pid]) => pid)
}

function computing(workers: readonly Unit[], pid: number): TargetWorker {
  return { unit: workers.find((unit) => unit.pid === pid) as Unit, computing: true, notedAs: pid }
}

function idle(workers: readonly Unit[]): TargetWorker {
  const unit = workers.at(-1) as Unit
  return { unit, computing: false, notedAs: unit.pid }
}

/**
 * A process that is in the middle of a task of a queue: a worker, or one that it forked for the task (RQ), which is what
 * the kernel would kill. The last worker by name when none computes.
 */
async function findTaskWorker(server: RunningServer, signal: AbortSignal): Promise<TargetWorker> {
  const workers = (await workersOf(server)).filter(({ name }) => name !== FRONT)
  const byPid = new Map(workers.map((unit) => [unit.pid, unit]))
  const deadline = performance.now() + TASK_PATIENCE_MS
  const sinceMs = new Map<number, number>()
  const forkedMs = new Map<number, number>()
  while (performance.now() < deadline) {
    signal.throwIfAborted()
    const forked = descendantsOf([...byPid.keys()], listProcesses()).filter(({ zombie }) => !zombie)
    const nowMs = performance.now()
    for (const { pid } of forked) forkedMs.set(pid, forkedMs.get(pid) ?? nowMs)
    const task = forked.find(({ pid }) => nowMs - (forkedMs.get(pid) ?? nowMs) >= DOES_TASK_MS)
    const parent = byPid.get(task?.ppid ?? 0)
    if (task !== undefined && parent !== undefined) {
      const unit = { ...parent, name: `${parent.name}/task`, pid: task.pid }
      return { unit, computing: true, notedAs: parent.pid }
    }
    noteRunning(sinceMs, workers)
    const [pid] = computingSince(sinceMs, DOES_TASK_MS)
    if (pid !== undefined && forked.length === 0) return computing(workers, pid)
    await sleep(TASK_LOOK_MS)
  }
  return idle(workers)
}

/** The last worker process by name: the first is often the one that a reader looks at. Throws as {@link workersOf}. */
export async function lastWorker(server: RunningServer): Promise<Unit> {
  return (await workersOf(server)).at(-1) as Unit
}

/** The worker processes in service; throws TRIAL_FAILED when there is none. */
export async function workersOf(server: RunningServer): Promise<Unit[]> {
  const workers = await workersIn(server)
  if (workers.length > 0) return workers
  throw new ForkwiseError('TRIAL_FAILED', {
    message: 'Expected a worker to inject the fault into, found none in service.',
  })
}

/** The worker processes in service, of which there may be none for a moment. */
export async function workersIn(server: RunningServer): Promise<Unit[]> {
  return (await server.units()).filter(({ role }) => role === 'worker')
}
