import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { compiled } from '../../core/paths.ts'
import { describeWith } from '../parts.ts'

function forkwise(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, FORKWISE_REQUIRE_ALL: '' }
  return spawnSync(process.execPath, [compiled('cli/main.js'), ...args], { encoding: 'utf8', env })
}

describeWith(['promtool'], 'forkwise dashboards check', () => {
  test('passes, with Prometheus’ own judgement on every query', () => {
    const { status, stdout } = forkwise('dashboards', 'check', '--json')
    const { checks } = JSON.parse(stdout) as { checks: { id: string; skipped: string | null; findings: unknown[] }[] }
    expect(checks.flatMap(({ findings }) => findings)).toEqual([])
    expect(checks.find(({ id }) => id === 'promql')?.skipped).toBeNull()
    expect(status).toBe(0)
  })
})

test('an action, a schema and an address that make no sense are refused', () => {
  expect(forkwise('dashboards', 'chek')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('check') as string,
  })
  expect(forkwise('dashboards', 'check', '--schema', '/nowhere')).toMatchObject({ status: 2 })
  expect(forkwise('dashboards', 'check', '--prometheus', 'nowhere')).toMatchObject({ status: 2 })
})
