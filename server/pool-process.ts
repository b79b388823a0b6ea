#!/usr/bin/env node
import { CHILD_READY } from './child-pool.ts'
import { monotonicS } from './clock.ts'
import { startInstrument } from './metrics/instrument.ts'
import { loadPoolHandlers } from './pool-handlers.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { performTask, type TaskRequest } from './task.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/**
 * A process of the process pool: performs the tasks that its parent sends, one at a time, and ends with the channel to
 * it. Signals that reach the whole group are the parent's business, which still has requests to finish.
 */
async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const { unitName, launchDir, appModule, metrics, host, metricsPort } = readSettings()
  const instrument = metrics ? await startInstrument({ host, port: metricsPort, unitName }) : undefined
  const tasks = instrument?.cell('poolMemberTasks')
  const busy = instrument?.cell('poolMemberBusy')
  const handlers = await loadPoolHandlers(appModule)

  const leave = (): void => {
    if (launchDir !== null) removeUnitFile(launchDir, unitName)
    process.exit(0)
  }
  process.on('disconnect', leave)
  if (!process.connected) leave()
  process.on('message', (task: TaskRequest) => {
    void performTask(handlers, task).then((outcome) => {
      tasks?.add(1)
      busy?.add(monotonicS() - outcome.startedS)
      return send(outcome)
    })
  })

  instrument?.enter('ready')
  if (launchDir !== null) {
    const metricsUrl = instrument && { metricsUrl: instrument.url }
    writeUnitFile(launchDir, { name: unitName, role: 'worker', pid: process.pid, ...metricsUrl })
  }
  send(CHILD_READY)
}

/** A parent that is gone is noticed by the end of the channel. */
function send(message: unknown): void {
  process.send?.(message, undefined, undefined, () => undefined)
}

main().catch(exitWithStartError)
