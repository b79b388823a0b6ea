import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { inPlace, type Place } from '../forkwise-process.ts'

const DRILL = ['drill', 'blocked-loop', '--fast', '--seed', '7', '--no-references', '--out']

/** Most looks at what is left; they only end what hangs. */
const MOST_LOOKS = 600

async function untilNothingIsLeft(place: Place): Promise<void> {
  for (let look = 0; place.processes().length > 0 && look < MOST_LOOKS; look++) await sleep(100)
}

describe.concurrent('a drill', () => {
  test('is controlled from a second terminal; one of two is named; Ctrl-C leaves nothing', () =>
    inPlace(async (place) => {
      const first = place.start([...DRILL, 'first'])
      await first.until('Nothing is wrong yet')
      const status = await place.run(['drill', 'status', '--json'])
      expect(JSON.parse(status.stdout)).toMatchObject({
        drill: 'blocked-loop',
        levers: [{ id: 'workers', now: '2' }, {}, {}, {}],
      })
      const done = await place.run(['drill', 'do', 'workers', '3'])
      expect(done).toMatchObject({ code: 0, stdout: '3 workers are in service\n' })
      const wrong = await place.run(['drill', 'do', 'workers', 'many'])
      expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Expected one of 1–8 workers') })
      const second = place.start([...DRILL, 'second'])
      await second.until('Nothing is wrong yet')
      const unclear = await place.run(['drill', 'seen'])
      expect(unclear).toMatchObject({ code: 2, stderr: expect.stringContaining('--run') })
      const named = await place.run(['drill', 'seen', '--run', String(second.child.pid)])
      expect(named.code).toBe(0)
      await second.until('you saw that something is wrong')
      for (const { child } of [first, second]) child.kill('SIGINT')
      const ended = await Promise.all([first.ended, second.ended])
      for (const { code, stderr } of ended) {
        expect(code).toBe(130)
        expect(stderr).toContain('What happened until then is kept in')
      }
      expect(existsSync(join(place.dir, 'first', 'acts.ndjson'))).toBe(true)
    }))

  test('that is killed leaves no process, and the next command clears its folder away', () =>
    inPlace(async (place) => {
      const started = place.start([...DRILL, 'run'])
      await started.until('Nothing is wrong yet')
      started.child.kill('SIGKILL')
      await started.ended
      await untilNothingIsLeft(place)
      const next = place.start(['serve', 'single', '--port', '0'])
      await next.until('ready')
      next.child.kill('SIGTERM')
      await next.ended
    }))

  test('whose folder is not new is refused before anything is started', () =>
    inPlace(async (place) => {
      const { code, stderr } = await place.run([...DRILL, '..'])
      expect(code).toBe(2)
      expect(stderr).toContain('Expected `--out` to be a new or empty folder')
    }))
})

test('without a drill that runs there is nothing to control', () =>
  inPlace(async (place) => {
    const { code, stderr } = await place.run(['drill', 'do', 'workers', '4'])
    expect(code).toBe(2)
    expect(stderr).toContain('Expected a drill that runs in another terminal, got none.')
  }))
