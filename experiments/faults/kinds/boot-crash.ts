import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalProcess } from '../../../cluster/census.ts'
import { preloading } from '../../../cluster/faults/preload.ts'
import { CRASH_FILE_VARIABLE } from '../../../cluster/faults/crash-file.ts'
import { PYTHON_RUNTIME } from '../../../cluster/python-interpreter.ts'
import type { Fault, Scene } from '../fault.ts'
import { workersOf } from '../victim.ts'

/** Seconds for which every start crashes. */
const CRASHING_S = 5

const fault: Fault = {
  id: 'boot-crash',
  title: 'Workers crash at boot',
  question: `A worker dies, and for ${CRASHING_S} s each one that is started in its place crashes at boot. Is it started for ever, with what pauses, and is it back once starting works again?`,
  recoveryFrom: 'end',
  watchS: 14,
  offeredBy: ({ runtime, supervision }) => {
    if (supervision?.restartsDead !== true) return 'nobody starts a worker again, so that none can crash at boot'
    return runtime === PYTHON_RUNTIME ? 'the crash is planted in Node, and its workers are Python' : null
  },
  environment: (scene) => ({ ...preloading('crash-at-boot'), [CRASH_FILE_VARIABLE]: crashFile(scene) }),
  async strike(server, scene) {
    const unit = (await workersOf(server)).at(-1)
    if (unit === undefined) return { facts: {} }
    const file = crashFile(scene)
    writeFileSync(file, '')
    scene.struck()
    signalProcess(unit.pid, 'SIGKILL')
    await sleep(CRASHING_S * 1000, undefined, { signal: scene.signal }).catch(() => undefined)
    const crashedStarts = readFileSync(file, 'utf8').split('\n').length - 1
    rmSync(file)
    return { facts: { unit: unit.name, crashedStarts, crashingS: CRASHING_S } }
  },
}

function crashFile({ dir }: Scene): string {
  return join(dir, 'crash')
}

export default fault
