import { setTimeout as sleep } from 'node:timers/promises'
import { signalProcess } from '../../../cluster/census.ts'
import { readProcess } from '../../../cluster/proc.ts'
import type { Fault } from '../fault.ts'
import { lastWorker } from '../target-worker.ts'

/** Seconds for which the worker stands still, unless it is replaced before. */
const STOPPED_S = 5

const fault: Fault = {
  id: 'freeze',
  title: 'A worker stands still',
  question: `A worker is stopped for ${STOPPED_S} s (SIGSTOP): it is there and has its connections, but nothing happens.`,
  recoveryFrom: 'injection',
  lastsS: STOPPED_S,
  watchS: 11,
  offeredBy: () => null,
  async inject(server, scene) {
    const unit = await lastWorker(server)
    const birth = readProcess(unit.pid)?.birth
    const isThere = (): boolean => {
      const entry = readProcess(unit.pid)
      return entry !== null && !entry.zombie && entry.birth === birth
    }
    scene.injected()
    signalProcess(unit.pid, 'SIGSTOP')
    const endMs = performance.now() + scene.lastsS * 1000
    try {
      while (performance.now() < endMs && isThere() && !scene.signal.aborted) await sleep(25)
      return { facts: { unit: unit.name, replaced: !isThere() } }
    } finally {
      if (isThere()) signalProcess(unit.pid, 'SIGCONT')
    }
  },
}

export default fault
