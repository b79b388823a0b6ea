import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { endProcesses } from './census.ts'
import { removeQuotasOf } from './cpu-quota.ts'
import { claimOfSession } from './session-claim.ts'

/**
 * The program of a guard: `node session-guard.js ID DIR`. It waits until the channel to the owner of a session closes, and
 * then ends whatever is left of the session: nothing when the owner has ended it, all of it when the owner was killed. Its
 * own environment has no mark of a launch, so that it is no part of what is measured.
 */
const [id = '', dir = ''] = process.argv.slice(2)

/** A process that was just being born may not have its marks yet. */
const AGAIN_MS = 200

for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => {})
process.once('disconnect', () => void endAll())
// The owner may have been killed before this program was there to hear of it.
if (!process.connected) void endAll()

async function endAll(): Promise<void> {
  await endProcesses(claimOfSession(id, dir))
  await sleep(AGAIN_MS)
  await endProcesses(claimOfSession(id, dir))
  await removeQuotasOf(id)
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  process.exit(0)
}
