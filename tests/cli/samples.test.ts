import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { openWatchedFolder } from '../../live/watched-folder.ts'
import { performIn } from './command-in-process.ts'

// The commands that the page of docs/sample names, on every run there that is kept whole.

const SAMPLES = join(PACKAGE_ROOT, 'docs', 'sample')
const dir = mkdtempSync(join(tmpdir(), 'forkwise-samples-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const files = (name: string): string[] => readdirSync(join(SAMPLES, name))
const folders = readdirSync(SAMPLES, { withFileTypes: true })
  .filter((each) => each.isDirectory())
  .map(({ name }) => name)
const measured = folders.filter((name) => files(name).some((file) => /^measurement-.*\.json$/.test(file)))
const whole = folders.filter((name) => existsSync(join(SAMPLES, name, 'manifest.json')) || measured.includes(name))

test('there are runs to report, to plan with and to watch', () => {
  expect(whole).toEqual(expect.arrayContaining(['plan', 'resilience']))
  expect(measured.length).toBeGreaterThan(0)
})

test.each(whole)('report %s', async (name) => {
  const { code, stdout, stderr } = await performIn(dir, ['report', join(SAMPLES, name), '--format', 'md'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('|')
})

test.each(measured)('plan --from %s', async (name) => {
  const words = ['plan', '--from', join(SAMPLES, name), '--rate', '100', '--slo', 'p99<500ms', '--no-confirm', '--json']
  const { code, stdout } = await performIn(dir, words)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'forkwise/plan@1' })
})

test.each(whole)('watch %s', (name) => {
  expect(openWatchedFolder(join(SAMPLES, name)).read().length).toBeGreaterThan(0)
})
