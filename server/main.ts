#!/usr/bin/env node
import { announceReady, leaveWhenAsked } from './departure.ts'
import { startService } from './service.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'

/** The process that most models run: the app in service, until it is asked to leave. */
async function main(): Promise<void> {
  const settings = readSettings()
  const service = await startService(settings)
  leaveWhenAsked(({ graceS }) => service.leave(graceS ?? settings.graceS))
  service.announce()
  announceReady()
}

main().catch(exitWithStartError)
