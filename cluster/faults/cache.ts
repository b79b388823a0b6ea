import { subscribe } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
import { CACHE_ENTRIES, CACHE_ENTRIES_VARIABLE } from './cache-size.ts'
import { FAULT_DIR_VARIABLE, switchFile } from './switch-file.ts'
import { isWorkerProcess } from './worker-process.ts'

/** Objects of an entry: some 200 KB. */
const OBJECTS = 1000

/** How often the switch is looked at, in milliseconds, and how many entries are made then until the cache is full. */
const LOOK_MS = 100
const FILLED_AT_ONCE = 30

interface CachedObject {
  readonly id: number
  readonly name: string
  readonly at: readonly number[]
}

const dir = process.env[FAULT_DIR_VARIABLE]
if (dir !== undefined && isWorkerProcess()) {
  const file = switchFile(dir, 'cache')
  const entries = Number(process.env[CACHE_ENTRIES_VARIABLE] ?? CACHE_ENTRIES)
  const cache = new Map<number, readonly CachedObject[]>()
  let on = existsSync(file)
  let made = 0
  const put = (): void => {
    const number = made++
    cache.set(number % entries, entry(number))
  }
  setInterval(() => {
    on = existsSync(file)
    if (!on) return cache.clear()
    for (let left = FILLED_AT_ONCE; left > 0 && cache.size < entries; left--) put()
  }, LOOK_MS).unref()
  // Every request brings something new, for which something old goes.
  subscribe('http.server.request.start', () => {
    if (on) put()
  })
}

function entry(number: number): CachedObject[] {
  return Array.from({ length: OBJECTS }, (_, id) => ({
    id,
    name: `entry ${number}, object ${id}`,
    at: [number, id, number * id + 0.5],
  }))
}
