#!/usr/bin/env node
import { ForkwiseError } from '../core/errors.ts'
import { monotonicS } from './clock.ts'
import { announceReady, leaveWhenAsked } from './departure.ts'
import { type Instrument, startInstrument } from './metrics/instrument.ts'
import { loadPoolHandlers } from './pool-handlers.ts'
import { readSettings } from './settings.ts'
import { exitWithStartError } from './start-error.ts'
import { openConsumer } from './task-broker.ts'
import { noteTask } from './task-journal.ts'
import { QUEUE_NAME } from './task-state.ts'
import { performTask, type TaskOutcome } from './task.ts'
import { removeUnitFile, writeUnitFile } from './unit-file.ts'

/** A process that works off the task queue, one task at a time. */
async function main(): Promise<void> {
  const { unitName, launchDir, appModule, brokerUrl, taskLockS, metrics, host, metricsPort, graceS } = readSettings()
  if (brokerUrl === '') {
    throw new ForkwiseError('USAGE', { message: 'Expected `FORKWISE_BROKER` to be the address of a Redis.' })
  }
  const instrument = metrics ? await startInstrument({ host, port: metricsPort, unitName }) : undefined
  const count = instrument && taskCounter(instrument)
  const handlers = await loadPoolHandlers(appModule)
  const consumer = await openConsumer(brokerUrl, taskLockS, async (task, id) => {
    noteTask('started', id)
    const outcome = await performTask(handlers, task)
    noteTask('done', id)
    count?.(outcome)
    return outcome
  })

  leaveWhenAsked(async (request) => {
    instrument?.enter('draining')
    if (launchDir !== null) removeUnitFile(launchDir, unitName)
    const deadline = setTimeout(() => process.exit(0), (request.graceS ?? graceS) * 1000)
    await consumer.close()
    clearTimeout(deadline)
    await instrument?.close()
  })
  instrument?.enter('ready')
  if (launchDir === null) process.stdout.write(`${unitName} works off the queue of ${new URL(brokerUrl).host}\n`)
  else {
    const metricsUrl = instrument && { metricsUrl: instrument.url }
    writeUnitFile(launchDir, { name: unitName, role: 'worker', pid: process.pid, ...metricsUrl })
  }
  announceReady()
}

/** Counts tasks as they end: as members of pools do, and as the queue's. */
function taskCounter(instrument: Instrument): (outcome: TaskOutcome) => void {
  const tasks = instrument.cell('poolMemberTasks')
  const busy = instrument.cell('poolMemberBusy')
  const duration = instrument.histogram('taskDuration', { queue: QUEUE_NAME })
  const ok = instrument.cell('tasks', { queue: QUEUE_NAME, outcome: 'ok' })
  const failed = instrument.cell('tasks', { queue: QUEUE_NAME, outcome: 'failed' })
  return (outcome) => {
    const tookS = monotonicS() - outcome.startedS
    tasks.add(1)
    busy.add(tookS)
    duration(tookS)
    const ended = 'error' in outcome ? failed : ok
    ended.add(1)
  }
}

main().catch(exitWithStartError)
