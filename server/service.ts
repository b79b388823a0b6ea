import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import { join } from 'node:path'
import type { Unit } from '../core/unit.ts'
import { createApp } from './app.ts'
import { runDefinedHandlersOn } from './defined-handlers.ts'
import { guardDependency } from './dependency-guard.ts'
import type { Executor } from './executor.ts'
import { createExecutor } from './executors.ts'
import { loadHandlers } from './handlers.ts'
import { deriveKeysBy } from './key-derivation.ts'
import { keepConnections, listen, type Listener } from './listen.ts'
import { type Instrument, startInstrument } from './metrics/instrument.ts'
import { requireHandlers, startOwnApp } from './own-app/own-app.ts'
import type { Settings } from './settings.ts'
import { reportCrashes } from './own-app/app-error.ts'
import { keepThreadUnits } from './thread-units.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/** The app under test in service, in a process or in a thread of one. */
export interface Service {
  readonly url: string
  readonly metricsUrl: string | null
  /** Says that the unit is in service: in its file for the launcher, by hand in words on stdout. */
  announce(): void
  /** Leaves service, finishes the requests in flight within `graceS` seconds, and ends all that was started. */
  leave(graceS: number): Promise<void>
}

/** Starts what every unit that accepts requests consists of: settings → metrics → executor → app → listen. */
export async function startService(settings: Settings, thread?: number): Promise<Service> {
  const { launchDir, unitName } = settings
  const instrument = settings.metrics
    ? await startInstrument({
        host: settings.host,
        port: settings.metricsPort,
        unitName,
        // The figures of a process that several units share are shown by the first of them.
        ...(thread === undefined ? {} : { wholeProcess: thread === 0 }),
      })
    : undefined
  const ownApp = settings.appModule === null ? null : await openOwnApp(settings, settings.appModule, instrument)
  const executor = await createExecutor(settings.executor, {
    ...settings,
    ...(instrument && { onWait: (waitS) => instrument.waited(waitS) }),
  })
  runDefinedHandlersOn(executor)
  instrument?.watch(executor)
  const listener = ownApp ?? (await serveBuiltInApp(settings, executor, instrument))
  const { url } = listener
  const forgetThreads =
    launchDir !== null && executor.board
      ? keepThreadUnits(executor.board, launchDir, unitName, (name) => instrument && `${instrument.url}/${name}`)
      : undefined
  return {
    url,
    metricsUrl: instrument?.url ?? null,
    announce() {
      instrument?.enter('ready')
      const unit: Unit = {
        name: unitName,
        role: 'worker',
        pid: process.pid,
        ...(thread === undefined ? {} : { thread }),
        url,
        ...(instrument && { metricsUrl: instrument.url }),
      }
      if (launchDir !== null) writeUnitFile(launchDir, unit)
      else process.stdout.write(`${unitName} listens on ${url}${instrument ? `, metrics on ${instrument.url}` : ''}\n`)
    },
    async leave(graceS) {
      instrument?.enter('draining')
      if (launchDir !== null) removeUnitFile(launchDir, unitName)
      forgetThreads?.()
      const cut = await listener.drain(graceS)
      if (cut > 0 && graceS !== 0) process.stderr.write(`${cut} connections were cut at the end of the grace.\n`)
      await executor.close()
      await instrument?.close()
    },
  }
}

async function serveBuiltInApp(
  settings: Settings,
  executor: Executor,
  instrument: Instrument | undefined,
): Promise<Listener> {
  guardDependency(settings.dependencyPolicy)
  deriveKeysBy(settings.derivationPolicy)
  const handlers = (await loadHandlers()).values()
  const surroundings = { upstreamUrl: settings.upstreamUrl, filesDir: filesFolder(settings) }
  let listener: Listener | undefined
  const isReady = (): boolean => listener !== undefined && !listener.draining
  const server = http.createServer(createApp({ handlers, executor, surroundings, isReady }))
  keepConnections(server)
  instrument?.count(server)
  listener = await listen(server, settings)
  return listener
}

/** Starts the user's app, which may listen before its executor is there: it is announced to nobody yet. */
async function openOwnApp(settings: Settings, file: string, instrument: Instrument | undefined): Promise<Listener> {
  const crashes = reportCrashes(file)
  const { listener } = await startOwnApp({
    file,
    loader: settings.appLoader,
    place: settings,
    servedBy: settings.appServedBy,
    sharesPlace: true,
    onServer: (server) => instrument?.count(server as http.Server),
  })
  if (settings.executor !== 'inline') requireHandlers(file, settings.executor)
  crashes.end()
  return listener
}

/** The launch's temporary folder, or by hand one of our own that goes when the process does. */
function filesFolder(settings: Settings): string {
  if (settings.launchDir !== null) return join(settings.launchDir, 'tmp')
  const dir = mkdtempSync(join(os.tmpdir(), 'forkwise-files-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  return dir
}
