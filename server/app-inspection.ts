#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { definedHandlers } from './defined-handlers.ts'
import { startOwnApp, type ServedBy } from './own-app/own-app.ts'
import { readSettings } from './settings.ts'
import { reportCrashes } from './own-app/app-error.ts'
import { exitWithPlacedStartError } from './start-error.ts'

/** What a look at an app found, sent to the parent process. The app may send messages of its own there. */
export interface AppFindings {
  readonly type: 'forkwise:findings'
  /** Ids of the CPU handlers that it defines, in the order of their definition. */
  readonly handlers: readonly string[]
  /** Which of its servers is measured. */
  readonly servedBy: ServedBy
  /** Ports that other servers of it asked for. */
  readonly otherPorts: readonly number[]
}

/** How long the app has to stay up, in ms: one that fails in its callback of `listen`, or just after, cannot be used. */
const STAY_MS = 500

/** The process that starts the user's app as a measured process would, reports what it offers, and ends when its parent says so or is gone. */
async function main(): Promise<void> {
  process.on('disconnect', endGroup)
  endWithParent()
  const { appModule: file, appLoader: loader, appServedBy: servedBy, ...place } = readSettings()
  if (file === null) throw new Error('Expected an app to look at.')
  reportCrashes(file)
  const app = await startOwnApp({ file, loader, servedBy, place, sharesPlace: false, onServer: () => undefined })
  await sleep(STAY_MS)
  const findings: AppFindings = {
    type: 'forkwise:findings',
    handlers: [...definedHandlers().handlers.keys()],
    servedBy: app.servedBy,
    otherPorts: app.otherPorts,
  }
  process.on('message', (message) => void (isEnd(message) && process.exit(0)))
  process.send?.(findings)
}

/** Ends this process, and its group, within half a second of its parent’s end also while the app keeps the event loop for itself. */
function endWithParent(): void {
  const [, , parent] = process.argv
  if (parent === undefined) return
  const look = `setInterval(() => String(process.ppid) === '${parent}' || process.kill(-process.pid, 'SIGKILL'), 250)`
  // Without the loaders and settings that are meant for the app.
  new Worker(look, { eval: true, execArgv: [], env: {} }).unref()
}

/** Ends this process, which leads a group, with all that the app has started. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGKILL')
}

/** The app may get messages of its own. */
function isEnd(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'forkwise:inspected'
}

main().catch(exitWithPlacedStartError)
