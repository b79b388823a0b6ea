import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { RunningServer } from '../../../cluster/model.ts'
import { findModel } from '../../../cluster/models.ts'
import { isAlive } from '../../../cluster/proc.ts'
import { openSession, type Session } from '../../../cluster/session.ts'
import { startServer } from '../../../cluster/start.ts'
import { parseExposition } from '../../../core/exposition.ts'
import { compiled } from '../../../core/paths.ts'
import { askUntil } from '../../conformance/requests.ts'
import { readUnits } from '../../../cluster/units.ts'

let stateRoot = ''
let session: Session
beforeAll(async () => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot })
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  await session.close()
  rmSync(stateRoot, { recursive: true, force: true })
})

async function startCluster(env: Record<string, string>): Promise<RunningServer> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  return startServer(await findModel('cluster'), {
    session,
    size: { workers: 2, threads: 1 },
    app: {},
    metrics: true,
    upstreamUrl: 'http://127.0.0.1:1',
    signal: AbortSignal.timeout(300_000),
    startTimeoutS: 240,
  })
}

const pidsOf = async (server: RunningServer): Promise<number[]> =>
  (await server.units()).filter(({ role }) => role === 'worker').map(({ pid }) => pid)

async function signalPrimary(server: RunningServer, signal: NodeJS.Signals): Promise<void> {
  const primary = (await server.units()).find(({ role }) => role === 'supervisor')
  process.kill(primary?.pid ?? 0, signal)
}

/** Figures of the supervisor, by name and label: `server_worker_restarts_total stuck`. */
async function figuresOf(server: RunningServer): Promise<Record<string, number>> {
  const primary = (await server.units()).find(({ role }) => role === 'supervisor')
  const text = await (await fetch(primary?.metricsUrl ?? '', { headers: { connection: 'close' } })).text()
  return Object.fromEntries(
    parseExposition(text).map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  )
}

test('replaces a stuck worker, and takes one more and one less', async () => {
  const server = await startCluster({ FORKWISE_HEARTBEAT_TIMEOUT_S: '10', FORKWISE_MIN_UPTIME_S: '0' })
  const [stuck, other] = await pidsOf(server)
  process.kill(stuck ?? 0, 'SIGSTOP')
  await expect.poll(async () => (await pidsOf(server)).includes(stuck ?? 0)).toBe(false)
  await expect.poll(() => pidsOf(server)).toHaveLength(2)
  expect(await pidsOf(server)).toContain(other)
  expect(await figuresOf(server)).toMatchObject({ 'server_worker_restarts_total stuck': 1, 'server_workers ready': 2 })

  await signalPrimary(server, 'SIGTTIN')
  await expect.poll(() => pidsOf(server)).toHaveLength(3)
  expect(await figuresOf(server)).toMatchObject({ server_workers_desired: 3, 'server_workers ready': 3 })
  await signalPrimary(server, 'SIGTTOU')
  await expect.poll(() => pidsOf(server)).toHaveLength(2)
  expect((await server.stop(30)).killed).toEqual([])
})

test('replaces workers that have answered enough, without a failed request', async () => {
  const server = await startCluster({ FORKWISE_MAX_REQUESTS: '40', FORKWISE_MAX_REQUESTS_JITTER: '20' })
  const before = new Set(await pidsOf(server))
  const wrong = await askUntil(server.targets, '/io/sleep?ms=5', async (answered) => {
    const now = await pidsOf(server)
    return answered >= 200 && now.length === 2 && now.every((pid) => !before.has(pid))
  })
  expect(wrong).toEqual([])
  const figures = await figuresOf(server)
  expect(figures['server_worker_restarts_total recycled']).toBeGreaterThanOrEqual(2)
  // Every reason is counted from 0 on, so that a first exit is a rise.
  const exits = Object.keys(figures).filter((name) => name.startsWith('server_worker_exits_total'))
  expect(exits.filter((name) => figures[name] !== 0)).toEqual(['server_worker_exits_total drained'])
  await server.stop(5)
})

test('ends with its workers when whoever started it is gone', async () => {
  const launch = session.createLaunch('orphan')
  const env = { FORKWISE_WORKERS: '2', PORT: '0' }
  const unit = { name: 'primary', role: 'supervisor' } as const
  const primary = launch.spawn(unit, process.execPath, [compiled('cluster/supervisor/primary.js'), 'round-robin'], {
    env,
    ipc: true,
  })
  await expect.poll(() => readUnits(launch.dir).length).toBe(3)
  const processes = launch.census()
  expect(processes).toHaveLength(3)
  primary.disconnect()
  await once(primary, 'exit')
  await expect.poll(() => processes.filter(isAlive)).toEqual([])
  await launch.end()
})
