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
import { startInstrument } from './metrics/instrument.ts'
import { readSettings, type Settings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { keepThreadUnits } from './thread-units.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/** The process that every model runs: settings → executor → app → listen → unit file → ready. */
async function main(): Promise<void> {
  const settings = readSettings()
  const { launchDir, unitName } = settings
  const instrument = settings.metrics
    ? await startInstrument({ host: settings.host, port: settings.metricsPort, unitName })
    : undefined
  const executor = await createExecutor(settings.executor, {
    ...settings,
    ...(instrument && { onWait: (waitS) => instrument.waited(waitS) }),
  })
  let listener: Listener | undefined
  const app = createApp({
    handlers: (await loadHandlers()).values(),
    executor,
    surroundings: { upstreamUrl: settings.upstreamUrl, filesDir: filesFolder(settings) },
    isReady: () => listener !== undefined && !listener.draining,
  })
  const server = http.createServer(app)
  instrument?.count(server)
  instrument?.watch(executor)
  listener = await listen(server, settings)

  const forgetThreads =
    launchDir !== null && executor.board
      ? keepThreadUnits(executor.board, launchDir, unitName, (name) => instrument && `${instrument.url}/${name}`)
      : undefined
  const leave = async (request: DepartureRequest): Promise<void> => {
    instrument?.enter('draining')
    if (launchDir !== null) removeUnitFile(launchDir, unitName)
    forgetThreads?.()
    const cut = await listener.drain(request.graceS ?? settings.graceS)
    if (cut > 0 && request.graceS !== 0) process.stderr.write(`${cut} connections were cut at the end of the grace.\n`)
    await executor.close()
    await instrument?.close()
  }
  leaveWhenAsked(leave)

  instrument?.enter('ready')
  const unit: Unit = {
    name: unitName,
    role: 'worker',
    pid: process.pid,
    url: listener.url,
    ...(instrument && { metricsUrl: instrument.url }),
  }
  if (launchDir !== null) writeUnitFile(launchDir, unit)
  else
    process.stdout.write(
      `${unitName} listens on ${listener.url}${instrument ? `, metrics on ${instrument.url}` : ''}\n`,
    )
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
