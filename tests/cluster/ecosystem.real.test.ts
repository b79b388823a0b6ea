import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findModel } from '../../cluster/models.ts'
import { cleanEnvironment } from '../../cluster/owned-launch.ts'
import { findFreePorts } from '../../cluster/ports.ts'
import { isAlive, readProcess } from '../../cluster/proc.ts'
import { openSession } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'

test('a person can start the app under PM2 by hand, and their daemon is not touched by ours', async () => {
  const home = mkdtempSync(join(os.tmpdir(), 'fw-'))
  const port = await findFreePorts('127.0.0.1', 102)
  const env = {
    ...cleanEnvironment(process.env),
    PORT: String(port),
    PM2_HOME: home,
    PM2_DISCRETE_MODE: 'true',
    PM2_DISABLE_VERSION_CHECK: 'true',
    PM2_NO_INTERACTION: 'true',
    PM2_PROGRAMMATIC: 'true',
  }
  const pm2 = (...words: string[]): string => {
    const program = createRequire(import.meta.url).resolve('pm2/bin/pm2')
    return execFileSync(process.execPath, [program, ...words], { cwd: PACKAGE_ROOT, env, encoding: 'utf8' })
  }
  try {
    pm2('start', 'ecosystem.config.js')
    const daemon = readProcess(Number(readFileSync(join(home, 'pm2.pid'), 'utf8')))
    for (const offset of [0, 1, 100]) {
      await expect
        .poll(() => fetch(`http://127.0.0.1:${port + offset}/readyz`).then(({ status }) => status, String))
        .toBe(200)
    }

    const session = await openSession({ stateRoot: join(home, 'state') })
    const server = await startServer(await findModel('pm2-fork'), {
      session,
      size: { workers: 1, threads: 1 },
      app: {},
      metrics: false,
      upstreamUrl: '',
      signal: AbortSignal.timeout(300_000),
      startTimeoutS: 240,
    })
    await server.stop(5)
    await session.close()
    expect(daemon && isAlive(daemon)).toBe(true)

    const listed = JSON.parse(pm2('jlist').split('\n').at(-1) ?? '[]') as {
      name: string
      pm2_env: { status: string }
    }[]
    expect(listed.map(({ name, pm2_env }) => `${name} ${pm2_env.status}`).sort()).toEqual([
      'forkwise-cluster online',
      'forkwise-cluster online',
      'forkwise-fork online',
      'forkwise-fork online',
    ])
    pm2('delete', 'ecosystem.config.js')
    expect(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => 'gone')).toBe('gone')
  } finally {
    pm2('kill')
    rmSync(home, { recursive: true, force: true })
  }
})
