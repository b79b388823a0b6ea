import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSupervisorSettings, SUPERVISOR_VARIABLES } from '../../../cluster/supervisor/settings.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'

test('without variables, each setting has its fallback, and no worker is ever recycled', () => {
  expect(readSupervisorSettings({})).toEqual({
    workers: 2,
    graceS: 5,
    bootTimeoutS: 30,
    bootFailureLimit: 3,
    minUptimeS: 1,
    heartbeatTimeoutS: 30,
    maxRequests: null,
    maxRequestsJitter: 0,
    replacedAtOnce: 1,
    leavesFirst: 0,
  })
})

test('variables are read', () => {
  const settings = readSupervisorSettings({
    FORKWISE_WORKERS: '4',
    FORKWISE_GRACE_S: '0.5',
    FORKWISE_MAX_REQUESTS: '1000',
    FORKWISE_MAX_REQUESTS_JITTER: ' 50 ',
  })
  expect(settings).toMatchObject({ workers: 4, graceS: 0.5, maxRequests: 1000, maxRequestsJitter: 50 })
})

test('every wrong variable is named at once, with what was expected', () => {
  const wrong = {
    FORKWISE_WORKERS: '0',
    FORKWISE_GRACE_S: '-1',
    FORKWISE_BOOT_FAILURES: '2.5',
    FORKWISE_MAX_REQUESTS: 'x',
  }
  expect(() => readSupervisorSettings(wrong)).toThrow(
    /`FORKWISE_WORKERS` to be a whole number from 1 to 1024, got "0"[^]*`FORKWISE_GRACE_S` to be seconds[^]*`FORKWISE_BOOT_FAILURES` to be a whole number[^]*`FORKWISE_MAX_REQUESTS`/,
  )
})

test('no two settings share a variable, and each fallback is within its bounds', () => {
  const table = Object.values(SUPERVISOR_VARIABLES)
  expect(new Set(table.map(({ variable }) => variable)).size).toBe(table.length)
  for (const { fallback, min, max } of table) expect(fallback >= min && fallback <= max).toBe(true)
})

test('docs/SUPERVISOR.md has every setting with its default and meaning', () => {
  const page = readFileSync(join(PACKAGE_ROOT, 'docs', 'SUPERVISOR.md'), 'utf8').replaceAll(/ +/g, ' ')
  for (const { variable, fallback, meaning } of Object.values(SUPERVISOR_VARIABLES)) {
    expect(page).toContain(`| \`${variable}\` | ${fallback} | ${meaning} |`)
  }
})
