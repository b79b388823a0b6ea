import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { makePlace, type Place } from './forkwise-process.ts'

// The rest of what is told of bad usage is in bad-usage.test.ts, without a process for each line.

let place: Place

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  expect(place.processes()).toEqual([])
  place.remove()
})

test('all problems of a command line come at once', async () => {
  const { stderr, code } = await place.run([
    'compare',
    '--models',
    'x',
    '--workloads',
    'y',
    '--workers',
    '0',
    '--blocks',
    '0',
  ])
  expect(stderr.match(/forkwise: /g)).toHaveLength(4)
  expect(code).toBe(2)
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(place.stateEntries()).toEqual([])
})

test('with --json an error is JSON on stdout, too', async () => {
  const { stdout, code } = await place.run(['compare', '--json', '--workers', '0'])
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'forkwise/error@1', code: 'USAGE', exitCode: 2 })
})

test('a port that is taken is named', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const address = holder.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    for (const model of ['single', 'cluster', 'pm2-fork']) {
      const { stderr, code } = await place.run(['serve', model, '--port', String(port)])
      expect(stderr).toContain(String(port))
      expect(code).toBe(3)
    }
  } finally {
    holder.close()
  }
})

test.skipIf(!existsSync('/dev/full'))('a result that cannot be written is a clear error, not a stack', () => {
  const main = join(PACKAGE_ROOT, 'dist', 'cli', 'main.js')
  const { status, stderr } = spawnSync('sh', ['-c', `"$0" "$1" list models > /dev/full`, process.execPath, main], {
    encoding: 'utf8',
    cwd: place.dir,
  })
  expect(stderr).toMatch(/^forkwise: Expected to be able to write the result, got: ENOSPC[^\n]*\n$/)
  expect(status).toBe(3)
})
