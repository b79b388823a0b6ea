#!/usr/bin/env node
import { definedHandlers } from './defined-handlers.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { loadUserApp } from './user-app.ts'

/** What a look at an app found, sent to the parent process. */
export interface AppFindings {
  /** Ids of the CPU handlers that it defines, in the order of their definition. */
  readonly handlers: readonly string[]
}

/** The process that loads the user's app as a measured process would, tells what it offers, and ends. */
async function main(): Promise<void> {
  process.on('disconnect', () => process.exit(0))
  const { appModule } = readSettings()
  if (appModule !== null) await loadUserApp(appModule)
  const findings: AppFindings = { handlers: [...definedHandlers().handlers.keys()] }
  process.send?.(findings, undefined, undefined, () => process.exit(0))
}

main().catch(exitWithStartError)
