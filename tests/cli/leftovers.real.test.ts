import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { inPlace } from './forkwise-process.ts'

/** A comparison that starts servers of both kinds, ours and PM2's, and can be disturbed in any phase. */
const COMPARE = ['compare', '--models', 'cluster,pm2-fork', '--workloads', 'cpu', '--quick', '--anyway', '--out', 'run']

describe.concurrent('nothing is left', () => {
  test.each([
    ['before the pilot', 'A pilot of', 0],
    ['in the pilot', 'A pilot of', 700],
    ['while PM2 is being started', 'A pilot of', 2600],
    ['in the first block', 'block 1, cpu', 0],
    ['in the middle of a block', 'block 1, cpu', 2500],
  ])('after Ctrl-C %s', (_phase, text, waitMs) =>
    inPlace(async (place) => {
      const started = place.start(COMPARE)
      await started.until(text)
      await sleep(waitMs)
      started.child.kill('SIGINT')
      const ended = await started.ended
      expect(ended.code).toBe(130)
      expect(ended.stderr).toContain('compare --resume')
    }),
  )

  test('after a second Ctrl-C, which does not wait', () =>
    inPlace(async (place) => {
      const started = place.start(COMPARE)
      await started.until('block 1, cpu')
      started.child.kill('SIGINT')
      await sleep(30)
      started.child.kill('SIGINT')
      // While Node takes itself down, after the last listener, a signal ends it as the system does: 130 to a shell as well.
      const { code, signal } = await started.ended
      expect(signal ?? code).toBeOneOf([130, 'SIGINT'])
      await sleep(500)
      // What the last moment could not remove, the next start does.
      const next = place.start(['serve', 'single', '--port', '0'])
      await next.until('ready')
      next.child.kill('SIGTERM')
      await next.ended
    }))
})
