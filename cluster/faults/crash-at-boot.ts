import { appendFileSync, existsSync } from 'node:fs'
import { CRASH_FILE_VARIABLE } from './crash-file.ts'
import { isWorkerProcess } from './worker-process.ts'

// Preloaded into every Node process of a launch (`NODE_OPTIONS=--import=…`); does nothing until it is told to.
const file = process.env[CRASH_FILE_VARIABLE]
if (file !== undefined && isWorkerProcess() && existsSync(file)) {
  appendFileSync(file, `${process.pid}\n`)
  throw new Error('This worker crashes at boot, as it was told to.')
}
