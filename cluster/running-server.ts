import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../core/errors.ts'
import type { ProcessUsage } from '../core/records.ts'
import type { Unit } from '../core/unit.ts'
import type { ModelProcess, RunningServer, ServerChange, StopReport } from './model.ts'
import type { OwnedLaunch, RecordedProcess } from './owned-launch.ts'
import { isAlive, readProcess } from './proc.ts'
import { readUnits } from './units.ts'
import { usageOf } from './usage.ts'

/** How often adopted processes are looked at, in milliseconds: nobody reports their end. */
const WATCH_MS = 500

/** How long a reload may take, in seconds. */
const RELOAD_TIMEOUT_S = 60

/** Gives the units in service: those that wrote a file, and those that the model knows by other means. */
export async function unitsInService(launch: OwnedLaunch, process: ModelProcess): Promise<readonly Unit[]> {
  const foreign = (await process.foreignUnits?.()) ?? []
  return [...foreign, ...readUnits(launch.dir)]
}

/** A server whose every worker accepts, from its launch and what its model said about it. */
export function runningServer(launch: OwnedLaunch, process: ModelProcess, targets: readonly URL[]): RunningServer {
  let stopping: Promise<StopReport> | null = null
  let endReason: string | null = null
  const ended = untilEnded(launch, () => stopping !== null)
  void ended.then(({ reason }) => (endReason = reason))
  return {
    targets,
    units: () => unitsInService(launch, process),
    usage: async (): Promise<readonly ProcessUsage[]> =>
      usageOf(
        [...launch.census(), ...(process.outsideProcesses?.() ?? [])],
        await unitsInService(launch, process),
        launch.recorded,
      ),
    findTrouble: async () => endReason ?? (await process.findTrouble?.()) ?? null,
    logTail: (lines) => launch.logTail(lines),
    ended,
    stop: (graceS) => {
      stopping ??= stop(launch, process, graceS)
      return stopping
    },
    reload: process.requestReload === undefined ? null : () => reload(launch, process),
    ...(process.requestChange === undefined
      ? {}
      : { change: (change: ServerChange) => makeChange(launch, process, change) }),
  }
}

/**
 * Asks the server to end, waits up to `graceS` seconds for its last process, kills what is left, and removes the
 * folder. `tookS` counts to the end of the last process.
 */
async function stop(launch: OwnedLaunch, process: ModelProcess, graceS: number): Promise<StopReport> {
  const beganMs = performance.now()
  const deadline = beganMs + graceS * 1000
  await Promise.race([process.requestStop(graceS).catch(() => {}), sleep(graceS * 1000, undefined, { ref: false })])
  // Watching known processes costs little; only when they are gone is the whole machine searched for others.
  for (let alive = launch.census(); alive.length > 0; alive = launch.census()) {
    while (alive.some(isAlive) && performance.now() < deadline) await sleep(5)
    if (performance.now() >= deadline) break
  }
  const killed = await launch.end()
  return { tookS: (performance.now() - beganMs) / 1000, killed }
}

/** Throws TRIAL_FAILED when the old workers are not replaced within {@link RELOAD_TIMEOUT_S}. */
async function reload(launch: OwnedLaunch, process: ModelProcess): Promise<void> {
  const before = await workersInService(launch, process)
  await process.requestReload?.()
  if (await untilWorkers(launch, process, (workers) => areReplaced(before, workers, before.length))) return
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Expected the reload to replace ${before.length} workers within ${RELOAD_TIMEOUT_S} s; it did not.\n${launch.logTail()}`,
  })
}

/** Throws TRIAL_FAILED when the change is not in force within {@link RELOAD_TIMEOUT_S}. */
async function makeChange(launch: OwnedLaunch, process: ModelProcess, change: ServerChange): Promise<void> {
  const before = await workersInService(launch, process)
  const { supervisor: { workers: count } = {}, environment } = change
  await process.requestChange?.(change)
  const isDone = (workers: readonly Unit[]): boolean =>
    (count === undefined || workers.length === count) &&
    (environment === undefined || areReplaced(before, workers, count ?? before.length))
  if (await untilWorkers(launch, process, isDone)) return
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Expected the change to be in force within ${RELOAD_TIMEOUT_S} s; it is not.\n${launch.logTail()}`,
  })
}

async function workersInService(launch: OwnedLaunch, process: ModelProcess): Promise<readonly Unit[]> {
  return (await unitsInService(launch, process)).filter(({ role }) => role === 'worker')
}

function areReplaced(before: readonly Unit[], workers: readonly Unit[], count: number): boolean {
  return before.every(({ pid }) => readProcess(pid)?.zombie !== false) && workers.length >= count
}

/** True once the workers in service are as they should be; false when the time for it is over. */
async function untilWorkers(
  launch: OwnedLaunch,
  process: ModelProcess,
  isDone: (workers: readonly Unit[]) => boolean,
): Promise<boolean> {
  const deadline = performance.now() + RELOAD_TIMEOUT_S * 1000
  while (performance.now() < deadline) {
    if (isDone(await workersInService(launch, process))) return true
    await sleep(25)
  }
  return false
}

/** Settles when a process that was meant to stay is gone although nobody asked it to. */
function untilEnded(launch: OwnedLaunch, isStopping: () => boolean): Promise<{ readonly reason: string }> {
  return new Promise((resolve) => {
    const settle = (reason: string): void => {
      clearInterval(watch)
      if (!isStopping()) resolve({ reason })
    }
    for (const exit of launch.exits) settle(`\`${exit.name}\` ${exit.how}`)
    launch.onExit((exit) => settle(`\`${exit.name}\` ${exit.how}`))
    const watch = setInterval(() => {
      if (isStopping()) return clearInterval(watch)
      const gone = launch.adopted.find((process: RecordedProcess) => !isAlive(process))
      if (gone) settle(`\`${gone.name}\` (pid ${gone.pid}) is gone`)
    }, WATCH_MS)
    watch.unref()
  })
}
