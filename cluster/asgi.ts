import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressOf, spawnedUnit, terminate } from './app-process.ts'
import type { ModelProcess, StartContext, Topology } from './model.ts'
import { descendantsOf, isAlive, listProcesses, type ProcessEntry } from './proc.ts'
import { preparePython, PYTHON_FOLDER } from './python.ts'
import type { SystemPart } from './system-parts.ts'
import { readUnits } from './units.ts'

/** The ASGI app under test, as servers name it. */
export const ASGI_APP = 'asgi_unit:application'

/** uvloop, libuv under asyncio: what ASGI servers run on where it is installed. */
export const UVLOOP: SystemPart = {
  file: '/usr/lib/python3/dist-packages/uvloop/__init__.py',
  debianPackage: 'python3-uvloop',
}

/** How often starting workers are looked at, in milliseconds. */
const LOOK_MS = 20

/** Units of an ASGI server that forks its workers, and with one worker serves from its only process. */
export function asgiTopology({ workers }: { readonly workers: number }): Topology {
  return workers === 1 ? { worker: 1 } : { supervisor: 1, worker: workers }
}

/**
 * Starts an ASGI server whose main process starts the workers and looks after none of them: one that dies is not
 * replaced, and one that cannot import the app leaves the main process waiting for ever (uvicorn 0.17.6, hypercorn
 * 0.13.2, tried 2026-11). So the workers are watched here.
 */
export async function startAsgiServer(
  context: StartContext,
  name: string,
  words: readonly string[],
): Promise<ModelProcess> {
  const { launch, size, python } = context
  const unit = { name, role: size.workers === 1 ? 'worker' : 'supervisor' } as const
  const main = launch.spawn(unit, python.path, ['-sBm', ...words], { env: preparePython(context), cwd: PYTHON_FOLDER })
  if (size.workers > 1) await adoptWorkers(context, main)
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve(size.workers === 1 ? [] : spawnedUnit(name, 'supervisor', main)),
    requestStop: () => terminate(main),
  }
}

/** Waits until all workers are in service and notes them. Throws when a child of the main process ends before that. */
async function adoptWorkers({ launch, size, signal }: StartContext, main: ChildProcess): Promise<void> {
  const seen = new Map<number, ProcessEntry>()
  for (;;) {
    signal.throwIfAborted()
    const workers = readUnits(launch.dir)
    if (workers.length === size.workers) {
      for (const { name, role, pid } of workers) launch.adopt({ name, role }, pid)
      return
    }
    for (const entry of descendantsOf([main.pid ?? 0], listProcesses())) if (!entry.zombie) seen.set(entry.pid, entry)
    const gone = [...seen.values()].find((entry) => !isAlive(entry))
    if (gone !== undefined) throw new Error(`its process ${gone.pid} ended before all workers were in service`)
    await sleep(LOOK_MS)
  }
}
