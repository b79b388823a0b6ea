import type { Unit } from '../core/unit.ts'
import type { ThreadBoard } from './thread-board.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'
import { memberName } from './unit-names.ts'

/** How often the board is compared with the unit files, in ms: threads are replaced seldom. */
const PERIOD_MS = 250

/** Keeps one unit file for each thread of a pool, also when threads are replaced. Returns what removes them all. */
export function keepThreadUnits(
  board: ThreadBoard,
  launchDir: string,
  unitName: string,
  metricsUrlOf: (threadName: string) => string | undefined,
): () => void {
  const known = new Map<string, number>()
  const update = (): void => {
    const now = new Map(board.threads().map(({ place, thread }) => [memberName(unitName, 'thread', place), thread]))
    for (const name of known.keys()) if (!now.has(name)) forget(name)
    for (const [name, thread] of now) if (known.get(name) !== thread) note(name, thread)
  }
  const note = (name: string, thread: number): void => {
    const metricsUrl = metricsUrlOf(name)
    const unit: Unit = { name, role: 'thread', pid: process.pid, thread }
    writeUnitFile(launchDir, metricsUrl === undefined ? unit : { ...unit, metricsUrl })
    known.set(name, thread)
  }
  const forget = (name: string): void => {
    removeUnitFile(launchDir, name)
    known.delete(name)
  }
  update()
  const timer = setInterval(update, PERIOD_MS).unref()
  return () => {
    clearInterval(timer)
    for (const name of known.keys()) forget(name)
  }
}
