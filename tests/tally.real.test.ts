import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../core/paths.ts'

test('the end of a run names what was tried again, and counts files that could not be loaded', () => {
  const vitest = join(PACKAGE_ROOT, 'node_modules/vitest/vitest.mjs')
  const { stdout, status } = spawnSync(process.execPath, [vitest, 'run'], {
    cwd: join(PACKAGE_ROOT, 'tests/fixtures/tally'),
    encoding: 'utf8',
  })
  expect(stdout.trim().split('\n')).toEqual([
    'retried: 2',
    '  mixed.spec.ts > needs a second try (passed)',
    '  mixed.spec.ts > never passes (failed)',
    '2 passed, 2 failed, 1 skipped',
  ])
  expect(status).toBe(1)
})
