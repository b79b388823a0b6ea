import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningServer, ServerModel } from '../../../cluster/model.ts'
import { findModel } from '../../../cluster/models.ts'
import { activityOf } from '../../../cluster/proc.ts'
import { openSession, type Session } from '../../../cluster/session.ts'
import { startServer } from '../../../cluster/start.ts'
import { loadFaults } from '../../../experiments/faults/faults.ts'
import { injectFault } from '../../../experiments/faults/inject.ts'
import { launchEnvironment } from '../../../experiments/faults/launch-environment.ts'
import { TRAFFIC } from '../../../experiments/resilience/traffic.ts'
import { REAL_INSTRUMENT } from '../../../loadtest/instrument.ts'

// One server meets every fault in turn; each is ended in its middle, and the server must be as it was.

const faults = await loadFaults()
let dir: string
let session: Session
let model: ServerModel
let server: RunningServer
beforeAll(async () => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-faults-'))
  session = await openSession({ stateRoot: join(dir, 'state') })
  model = await findModel('cluster')
  const switches = mkdtempSync(join(dir, 'switches-'))
  dir = switches
  server = await startServer(model, {
    session,
    size: { workers: 2, threads: 1 },
    app: {},
    metrics: true,
    upstreamUrl: 'http://127.0.0.1:9',
    env: launchEnvironment(faults, switches),
    signal: new AbortController().signal,
  })
})
afterAll(async () => {
  await server.stop(1)
  await session.close()
  rmSync(join(dir, '..'), { recursive: true, force: true })
})

/** Neither stopped nor gone: a worker that was killed is a unit until its supervisor has noticed. */
function isServing(pid: number): boolean {
  return ['running', 'waiting'].includes(activityOf(pid) ?? 'gone')
}

async function untilComplete(): Promise<void> {
  const working = async (): Promise<number> =>
    (await server.units()).filter(({ role, pid }) => role === 'worker' && isServing(pid)).length
  await expect.poll(working).toBe(2)
}

/**
 * The status of a request on a connection of its own, as a kept one may lead to a worker that is gone; null when it is not
 * answered within 2 s: what Node's primary hands to a worker that dies before it takes it is never answered.
 */
async function statusOfNewRequest(): Promise<number | null> {
  const url = new URL('/cpu/prime?n=97', server.targets[0])
  try {
    const options = { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) }
    return (await fetch(url, options)).status
  } catch {
    return null
  }
}

test.each(faults.map((fault) => [fault.id, fault] as const))(
  '%s that is ended in its middle leaves nothing behind',
  async (id, fault) => {
    const ending = new AbortController()
    const reported: string[] = []
    const injecting = injectFault(
      fault,
      server,
      {
        model,
        workers: 2,
        ratePerS: 0,
        capacityPerS: null,
        dir,
        signal: ending.signal,
        instrument: REAL_INSTRUMENT,
        workload: TRAFFIC,
        timeoutS: 1,
        seed: 1,
      },
      {
        fault: (name, active) => {
          reported.push(`${name} ${active}`)
          if (active) setTimeout(() => ending.abort(), 300)
        },
      },
    )
    const begunMs = performance.now()
    await injecting
    // Whoever lasts 45 s by itself was ended; a machine that is busy has time for the rest.
    if (id === 'leak') expect(performance.now() - begunMs).toBeLessThan(40_000)
    expect(reported).toEqual([`${id} true`, `${id} false`])
    expect(readdirSync(dir)).toEqual([])
    await untilComplete()
    await expect.poll(statusOfNewRequest).toBe(200)
  },
)
