import { join } from 'node:path'
import { listFolder } from '../core/folders.ts'
import type { Claim } from './census.ts'
import { readRecordedProcesses } from './owned-launch.ts'

/** What makes a process one of a session's, whoever owns the session. */
export function claimOfSession(id: string, dir: string): Claim {
  const recorded = listFolder(dir).flatMap((launch) => readRecordedProcesses(join(dir, launch)))
  return { isOurs: (launchId) => launchId.startsWith(`${id}.`), dir, recorded }
}
