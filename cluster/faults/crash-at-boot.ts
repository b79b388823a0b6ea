import { appendFileSync, existsSync } from 'node:fs'
import { FAULT_DIR_VARIABLE, switchFile } from './switch-file.ts'
import { isWorkerProcess } from './worker-process.ts'

// Each start that crashes adds a line to the switch.
const dir = process.env[FAULT_DIR_VARIABLE]
if (dir !== undefined && isWorkerProcess()) {
  const file = switchFile(dir, 'crash-at-boot')
  if (existsSync(file)) {
    appendFileSync(file, `${process.pid}\n`)
    throw new Error('This worker crashes at boot, as requested.')
  }
}
