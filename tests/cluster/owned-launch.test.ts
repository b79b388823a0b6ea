import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanEnvironment, createOwnedLaunch } from '../../cluster/owned-launch.ts'

test.each<[string, Record<string, string>, Record<string, string>]>([
  [
    'keeps what the user set',
    { PATH: '/bin', DATABASE_URL: 'x', UV_THREADPOOL_SIZE: '8' },
    { PATH: '/bin', DATABASE_URL: 'x', UV_THREADPOOL_SIZE: '8', NODE_ENV: 'production' },
  ],
  ['keeps the user’s NODE_ENV', { NODE_ENV: 'staging' }, { NODE_ENV: 'staging' }],
  [
    'drops npm’s, the editor’s and PM2’s',
    { npm_lifecycle_event: 'x', VSCODE_PID: '1', PM2_HOME: '/x', INIT_CWD: '/y', NODE_APP_INSTANCE: '0' },
    { NODE_ENV: 'production' },
  ],
  [
    'drops a launch around us',
    { FORKWISE_LAUNCH_ID: 'x', PORT: '1', HOST: 'h', FORKWISE_EXECUTOR: 'inline' },
    { NODE_ENV: 'production' },
  ],
  [
    'keeps what a person may set for the processes',
    { FORKWISE_MAX_REQUESTS: '10', FORKWISE_BACKLOG: '64' },
    { FORKWISE_MAX_REQUESTS: '10', FORKWISE_BACKLOG: '64', NODE_ENV: 'production' },
  ],
  [
    'keeps Node’s options',
    { NODE_OPTIONS: '--max-old-space-size=100' },
    { NODE_OPTIONS: '--max-old-space-size=100', NODE_ENV: 'production' },
  ],
  ['drops a debugger', { NODE_OPTIONS: '--inspect=0' }, { NODE_ENV: 'production' }],
  [
    'drops what Vitest sets, when it is Vitest',
    { VITEST: 'true', NODE_ENV: 'test', MODE: 'test' },
    { NODE_ENV: 'production' },
  ],
  ['keeps the same names otherwise', { MODE: 'fast' }, { MODE: 'fast', NODE_ENV: 'production' }],
])('the environment %s', (_, source, expected) => {
  expect(cleanEnvironment(source)).toEqual(expected)
})

test('the end of the logs is what the workers said; PM2’s banner stands in where they said nothing', () => {
  const dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  try {
    const launch = createOwnedLaunch({ id: 'x', label: 'pm2-fork', dir })
    writeFileSync(join(dir, 'logs', 'pm2.log'), 'PM2 banner\n'.repeat(40))
    writeFileSync(join(dir, 'logs', 'pm2-command.log'), 'Done.\n')
    expect(launch.logTail()).toMatch(/PM2 banner/)
    writeFileSync(join(dir, 'logs', 'workers.log'), 'Error: no database\n')
    expect(launch.logTail()).toBe('Error: no database')
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
