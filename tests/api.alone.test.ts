import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../core/paths.ts'

/** The programs of docs/API.md, run as they stand there from a folder in which the package is installed. */
const PROGRAMS = [...readFileSync(join(PACKAGE_ROOT, 'docs', 'API.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, program = '']) => program,
)

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-api-'))
  mkdirSync(join(dir, 'node_modules'))
  symlinkSync(PACKAGE_ROOT, join(dir, 'node_modules', 'forkwise'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function run(program: string): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 110_000,
  })
}

test('a comparison of docs/API.md tells its steps and asserts on its result', () => {
  const { stdout, stderr, status } = run(PROGRAMS[0] ?? '')
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  expect(stdout).toMatch(/^#\.+ pilot: single\n##\.+ pilot: cluster\n/)
  const last = /cluster gives ([\d.]+) times the throughput \((better|worse|same|inconclusive)\); (.+)\n$/.exec(stdout)
  expect(Number(last?.[1])).toBeGreaterThan(0)
  for (const file of ['result.json', 'report.html', 'report.md'])
    expect(existsSync(join(last?.[3] ?? '', file))).toBe(true)
})

test('a run that is ended rejects with INTERRUPTED', () => {
  const { stdout, stderr } = run(PROGRAMS[1] ?? '')
  expect({ stdout, stderr }).toEqual({ stdout: 'true INTERRUPTED\n', stderr: '' })
})
