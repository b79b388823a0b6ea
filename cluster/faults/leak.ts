import { subscribe } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import { FAULT_DIR_VARIABLE, switchFile } from './switch-file.ts'
import { isWorkerProcess } from './worker-process.ts'

/** Bytes that each request leaves behind. */
const LEAKED_BYTES = 131_072

/** Most requests a second that leave something behind (8 MiB), and in all (512 MiB): the machine is to survive it. */
const LEAKS_PER_S = 64
const LEAKS_IN_ALL = 4096

/** How often the switch is looked at, in milliseconds. */
const LOOK_MS = 100

const dir = process.env[FAULT_DIR_VARIABLE]
if (dir !== undefined && isWorkerProcess()) {
  const file = switchFile(dir, 'leak')
  const kept: Buffer[] = []
  let on = existsSync(file)
  let left = LEAKS_PER_S
  let second = 0
  setInterval(() => {
    on = existsSync(file)
    if (!on) kept.length = 0
  }, LOOK_MS).unref()
  subscribe('http.server.request.start', () => {
    if (!on || kept.length >= LEAKS_IN_ALL) return
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) [second, left] = [now, LEAKS_PER_S]
    if (left-- <= 0) return
    // Written to, since memory that nobody touches costs nothing.
    kept.push(Buffer.alloc(LEAKED_BYTES, 1))
  })
}
