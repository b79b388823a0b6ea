import { afterEach, beforeEach, describe, expect } from 'vitest'
import { partTest } from '../parts.ts'
import { makePlace, type Place } from './forkwise-process.ts'

// Redis dies under a task queue: the command says which part ended and is over within seconds, whatever waits for it.

let place: Place
beforeEach(() => {
  place = makePlace()
})
afterEach(() => {
  expect(place.processes()).toEqual([])
  expect(place.stateEntries()).toEqual([])
  place.remove()
})

/** What is served: its answer to `forkwise serve --json`, so far as it is needed. */
interface Serving {
  readonly targets: readonly string[]
  readonly units: readonly { readonly role: string; readonly pid: number }[]
}

/** Longest time from the death of Redis to the end of the command, in milliseconds. */
const LIMIT_MS = 60_000

describe('Redis dies', () => {
  for (const [part, model] of [
    ['redis-server', 'task-queue-reply'],
    ['gunicorn', 'celery-reply'],
    ['rq', 'rq-reply'],
  ] as const) {
    partTest(['redis-server', part], `under serve ${model}, while a request waits for its result`, async () => {
      const started = place.start(['serve', model, '--port', '0', '--workers', '1', '--json'])
      let said = ''
      started.child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
      await started.until('forkwise/serve@1')
      await expect.poll(() => said.endsWith('\n')).toBe(true)
      const { targets, units } = JSON.parse(said) as Serving
      const [broker] = units.filter(({ role }) => role === 'broker')
      const waiting = fetch(new URL('/cpu/prime?n=9999999999999917', targets[0])).then(
        ({ status }) => status,
        () => 'cut off',
      )
      process.kill(broker?.pid ?? Number.NaN, 'SIGKILL')
      const killedMs = performance.now()
      const { code, stdout } = await started.ended
      expect(performance.now() - killedMs).toBeLessThan(LIMIT_MS)
      expect(code).toBe(4)
      expect(stdout).toContain('The server ended by itself: `broker` was ended by SIGKILL')
      // Redis may have died before the front had begun the request, or after it was done.
      expect(await waiting).toBeOneOf([200, 500, 503, 'cut off'])
    })
  }
})
