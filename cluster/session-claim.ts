import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Claim } from './census.ts'
import { readRecordedProcesses } from './owned-launch.ts'

/** What makes a process one of a session's, whoever owns the session. */
export function claimOfSession(id: string, dir: string): Claim {
  const recorded = launchesIn(dir).flatMap((launch) => readRecordedProcesses(join(dir, launch)))
  return { isOurs: (launchId) => launchId.startsWith(`${id}.`), dir, recorded }
}

function launchesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}
