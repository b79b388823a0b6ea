import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalProcess } from '../../../cluster/census.ts'
import { switchFile } from '../../../cluster/faults/switch-file.ts'
import type { Fault } from '../fault.ts'
import { lastWorker } from '../target-worker.ts'

/** Seconds for which every start crashes. */
const CRASHING_S = 5

const fault: Fault = {
  id: 'boot-crash',
  title: 'Workers crash at boot',
  question: `A worker dies, and for ${CRASHING_S} s each one that is started in its place crashes at boot. Is it started for ever, with what pauses, and is it back once starting works again?`,
  recoveryFrom: 'end',
  lastsS: CRASHING_S,
  watchS: 14,
  program: 'crash-at-boot',
  offeredBy: ({ model: { runtime, supervision } }) => {
    if (supervision?.restartsDead !== true) return 'nobody starts a worker again, so that none can crash at boot'
    return runtime === undefined ? null : `the crash is planted in Node, and its workers run on ${runtime}`
  },
  async inject(server, scene) {
    const unit = await lastWorker(server)
    const file = switchFile(scene.dir, 'crash-at-boot')
    writeFileSync(file, '')
    try {
      scene.injected()
      signalProcess(unit.pid, 'SIGKILL')
      await sleep(scene.lastsS * 1000, undefined, { signal: scene.signal }).catch(() => undefined)
      const crashedStarts = readFileSync(file, 'utf8').split('\n').length - 1
      return { facts: { unit: unit.name, crashedStarts, crashingS: scene.lastsS } }
    } finally {
      rmSync(file, { force: true })
    }
  },
}

export default fault
