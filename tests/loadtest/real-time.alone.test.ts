import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Load } from '../../core/load.ts'
import { startKnownServer, type KnownServer } from '../../loadtest/calibration/known-server-process.ts'
import { driverFor } from '../../loadtest/drivers.ts'
import { MOST_REAL_TIME_RATE, realTimeWords } from '../../loadtest/real-time.ts'

const COMMON = { durationS: 0.3, timeoutS: 5, seed: 1 } as const

let server: KnownServer

beforeAll(async () => {
  server = await startKnownServer()
})
afterAll(async () => server.stop())

test.each<Load>([
  { ...COMMON, kind: 'open', ratePerS: 50, arrivals: 'constant', maxConnections: 10 },
  { ...COMMON, kind: 'open', ratePerS: MOST_REAL_TIME_RATE + 1000, arrivals: 'constant', maxConnections: 10 },
  { ...COMMON, kind: 'closed', connections: 2 },
])('a generator of kind $kind ($ratePerS/s) has the priority that its record reports', async (load) => {
  const schedulers: string[] = []
  let pid = 0
  const record = await driverFor(load).run(
    [server.url],
    { id: 'test', requests: [{ route: 'now', method: 'GET', path: '/now', weight: 1, expectStatus: 200 }] },
    load,
    {
      signal: new AbortController().signal,
      onProcess: (started) => {
        pid = started
      },
      onCounting: () => schedulers.push(schedulerOf(pid)),
    },
  )
  const low = load.kind === 'open' && load.ratePerS <= MOST_REAL_TIME_RATE
  const raised = low && (await realTimeWords()) !== null
  expect(record.generator.priority).toBe(raised ? 'real-time' : 'ordinary')
  expect(schedulers).toEqual([raised ? 'SCHED_RR' : 'SCHED_OTHER'])
})

/** The scheduling policy of a process, by the kernel's name (proc(5): `policy`, the 39th field after the name). */
function schedulerOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const policy = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]
  return { '0': 'SCHED_OTHER', '2': 'SCHED_RR' }[policy ?? ''] ?? `policy ${policy}`
}
