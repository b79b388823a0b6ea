#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs'
import type { Express } from 'express'
import http from 'node:http'
import os from 'node:os'
import { join } from 'node:path'
import type { Unit } from '../core/unit.ts'
import { createApp } from './app.ts'
import { runDefinedHandlersOn } from './defined-handlers.ts'
import { announceReady, leaveWhenAsked, type DepartureRequest } from './departure.ts'
import type { Executor } from './executor.ts'
import { createExecutor } from './executors.ts'
import { loadHandlers } from './handlers.ts'
import { listen, type Listener } from './listen.ts'
import { startInstrument } from './metrics/instrument.ts'
import { readSettings, type Settings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { keepThreadUnits } from './thread-units.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'
import { loadUserApp, requireHandlers } from './user-app.ts'

/** The process that every model runs: settings → executor → app → listen → unit file → ready. */
async function main(): Promise<void> {
  const settings = readSettings()
  const { launchDir, unitName } = settings
  const instrument = settings.metrics
    ? await startInstrument({ host: settings.host, port: settings.metricsPort, unitName })
    : undefined
  const userServer = settings.appModule === null ? null : await loadUserApp(settings.appModule)
  if (settings.appModule !== null && settings.executor !== 'inline')
    requireHandlers(settings.appModule, settings.executor)
  const executor = await createExecutor(settings.executor, {
    ...settings,
    ...(instrument && { onWait: (waitS) => instrument.waited(waitS) }),
  })
  runDefinedHandlersOn(executor)
  let listener: Listener | undefined
  const isReady = (): boolean => listener !== undefined && !listener.draining
  const server = userServer ?? http.createServer(await builtInApp(settings, executor, isReady))
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

async function builtInApp(settings: Settings, executor: Executor, isReady: () => boolean): Promise<Express> {
  const handlers = (await loadHandlers()).values()
  const surroundings = { upstreamUrl: settings.upstreamUrl, filesDir: filesFolder(settings) }
  return createApp({ handlers, executor, surroundings, isReady })
}

/** The launch's temporary folder, or by hand one of our own that goes when the process does. */
function filesFolder(settings: Settings): string {
  if (settings.launchDir !== null) return join(settings.launchDir, 'tmp')
  const dir = mkdtempSync(join(os.tmpdir(), 'forkwise-files-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}

main().catch(exitWithStartError)
