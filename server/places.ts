import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Takes the first free place among processes that were all started alike, and gives its name: `worker-1`, `worker-2`, …
 * A place is free when nobody has it or who had it is dead, so that a successor gets the name of its predecessor.
 */
export function claimPlace(launchDir: string, pid: number, isAlive: (pid: number) => boolean = lives): string {
  const folder = join(launchDir, 'places')
  mkdirSync(folder, { recursive: true })
  for (let place = 1; ; place++) {
    const name = `worker-${place}`
    const file = join(folder, name)
    if (take(file, pid)) return name
    const holder = Number.parseInt(readFileSync(file, 'utf8'), 10)
    if (Number.isNaN(holder) || isAlive(holder)) continue
    rmSync(file, { force: true })
    if (take(file, pid)) return name
  }
}

function take(file: string, pid: number): boolean {
  try {
    writeFileSync(file, String(pid), { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
