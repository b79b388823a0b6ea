#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import { join } from 'node:path'
import type { Unit } from '../core/unit.ts'
import { createApp } from './app.ts'
import { announceReady, leaveWhenAsked, type DepartureRequest } from './departure.ts'
import { createExecutor } from './executors.ts'
import { loadHandlers } from './handlers.ts'
import { listen, type Listener } from './listen.ts'
import { readSettings, type Settings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { keepThreadUnits } from './thread-units.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/** The process that every model runs: settings → executor → app → listen → unit file → ready. */
async function main(): Promise<void> {
  const settings = readSettings()
  const executor = await createExecutor(settings.executor, settings)
  let listener: Listener | undefined
  const app = createApp({
    handlers: (await loadHandlers()).values(),
    executor,
    surroundings: { upstreamUrl: settings.upstreamUrl, filesDir: filesFolder(settings) },
    isReady: () => listener !== undefined && !listener.draining,
  })
  listener = await listen(http.createServer(app), settings)

  const { launchDir, unitName } = settings
  const forgetThreads =
    launchDir !== null && executor.board
      ? keepThreadUnits(executor.board, launchDir, unitName, () => undefined)
      : undefined
  const leave = async (request: DepartureRequest): Promise<void> => {
    if (launchDir !== null) removeUnitFile(launchDir, unitName)
    forgetThreads?.()
    const cut = await listener.drain(request.graceS ?? settings.graceS)
    if (cut > 0 && request.graceS !== 0) process.stderr.write(`${cut} connections were cut at the end of the grace.\n`)
    await executor.close()
  }
  leaveWhenAsked(leave)

  const unit: Unit = { name: unitName, role: 'worker', pid: process.pid, url: listener.url }
  if (launchDir === null) process.stdout.write(`${unitName} listens on ${listener.url}\n`)
  else writeUnitFile(launchDir, unit)
  announceReady()
}

/** The launch's temporary folder, or by hand one of our own that goes when the process does. */
function filesFolder(settings: Settings): string {
  if (settings.launchDir !== null) return join(settings.launchDir, 'tmp')
  const dir = mkdtempSync(join(os.tmpdir(), 'forkwise-files-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}

main().catch(exitWithStartError)
