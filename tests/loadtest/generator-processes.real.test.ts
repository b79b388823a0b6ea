import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readProcess } from '../../cluster/proc.ts'
import type { Load, LoadRecord } from '../../core/load.ts'
import { startKnownServer, type KnownServer } from '../../loadtest/calibration/known-server-process.ts'
import { driverFor } from '../../loadtest/drivers.ts'
import { GeneratorProcesses } from '../../loadtest/generator-processes.ts'
import { expectLedger } from './drivers/ledger.ts'

const CLOSED: Load = { kind: 'closed', connections: 4, durationS: 0.2, timeoutS: 30, seed: 1 }
const OPEN: Load = {
  kind: 'open',
  ratePerS: 100,
  arrivals: 'constant',
  durationS: 0.2,
  timeoutS: 30,
  seed: 1,
  maxConnections: 100,
}

let server: KnownServer
let generators: GeneratorProcesses
let pids: number[]

beforeAll(async () => {
  server = await startKnownServer()
})
beforeEach(() => {
  generators = new GeneratorProcesses()
  pids = []
  return async () => generators.close()
})
afterAll(async () => server.stop())

function isThere(pid: number): boolean {
  return readProcess(pid) !== null
}

async function drive(load: Load, more: { signal?: AbortSignal; onCounting?: () => void } = {}): Promise<LoadRecord> {
  const requests = [{ route: '/now', method: 'GET' as const, path: '/now', weight: 1, expectStatus: 200 }]
  const record = await driverFor(load).run([server.url], { id: 'test', requests }, load, {
    signal: new AbortController().signal,
    generators,
    onProcess: (pid) => pids.push(pid),
    ...more,
  })
  expectLedger(record)
  return record
}

test('loads of one kind share a process, and each has its own counts', async () => {
  const before = await server.counts()
  const records = [await drive(CLOSED), await drive(CLOSED), await drive(OPEN), await drive(OPEN)]
  const after = await server.counts()
  const [first, second, third, fourth] = pids
  expect([second, fourth]).toEqual([first, third])
  expect(after.arrived - before.arrived).toBe(records.reduce((sum, { lifetime }) => sum + lifetime.sent, 0))
  expect(records.map(({ latencyMs, ok }) => latencyMs.count - ok)).toEqual([0, 0, 0, 0])
  expect(records.slice(2).map(({ scheduled, ok }) => [scheduled, ok])).toEqual([
    [20, 20],
    [20, 20],
  ])
  await generators.close()
  expect(pids.filter(isThere)).toEqual([])
})

test('one that was killed between two loads is replaced', async () => {
  await drive(CLOSED)
  const [first = 0] = pids
  process.kill(first, 'SIGKILL')
  await expect.poll(() => isThere(first)).toBe(false)
  await drive(CLOSED)
  expect(pids[1]).not.toBe(first)
})

test('one that is killed during a load costs that load alone', async () => {
  const kill = (): void => void process.kill(pids[0] ?? 0, 'SIGKILL')
  await expect(drive(CLOSED, { onCounting: kill })).rejects.toMatchObject({
    code: 'TRIAL_FAILED',
    message: expect.stringContaining('The load generator ended early (SIGKILL)'),
  })
  expect((await drive(CLOSED)).ok).toBeGreaterThan(0)
  expect(pids[1]).not.toBe(pids[0])
})

test('one whose load was interrupted is not used again', async () => {
  const stop = new AbortController()
  await drive({ ...CLOSED, durationS: 3600 }, { signal: stop.signal, onCounting: () => stop.abort() })
  expect(pids.filter(isThere)).toEqual([])
})
