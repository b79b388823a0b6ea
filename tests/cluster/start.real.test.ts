import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { createServer, type Socket } from 'node:net'
import os from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readProcess } from '../../cluster/proc.ts'
import { findModel } from '../../cluster/models.ts'
import { openSession, sessionProcesses, type Session } from '../../cluster/session.ts'
import { startServer, type StartOptions } from '../../cluster/start.ts'
import { oddModel } from '../fixtures/servers/odd-model.ts'
import { partTest } from '../parts.ts'

let stateRoot = ''
let session: Session
beforeEach(async () => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot })
})
afterEach(async () => {
  await session.close()
  rmSync(stateRoot, { recursive: true, force: true })
})

function options(more: Partial<StartOptions> = {}): StartOptions {
  return {
    session,
    size: { workers: 1, threads: 1 },
    app: {},
    metrics: false,
    upstreamUrl: 'http://127.0.0.1:1',
    signal: new AbortController().signal,
    ...more,
  }
}

/** Nothing of the session is left but its own folder. */
function expectNothingLeft(): void {
  expect(sessionProcesses(session.id, session.dir)).toEqual([])
  expect(readdirSync(session.dir)).toEqual([])
}

describe('a good server', () => {
  test('answers on its target, reports its units and usage, finishes a request on stop, and leaves nothing', async () => {
    const server = await startServer(oddModel('good'), options())
    const [target] = server.targets
    expect(server.targets).toHaveLength(1)
    expect(await server.units()).toMatchObject([{ name: 'worker-1', role: 'worker', url: target?.origin }])
    const [usage] = await server.usage()
    expect(usage).toMatchObject({ name: 'worker-1', role: 'worker' })
    expect(usage?.cpuS).toBeGreaterThan(0)
    expect(usage?.rssBytes).toBeGreaterThan(2 ** 20)

    const request = http.get(new URL('/?ms=2000', target), { agent: false })
    const answer = once(request, 'response') as Promise<[http.IncomingMessage]>
    const [socket] = (await once(request, 'socket')) as [Socket]
    if (socket.connecting) await once(socket, 'connect')
    // One that is sent later and answered shows that this one has arrived.
    expect((await fetch(target ?? '', { headers: { connection: 'close' } })).status).toBe(200)
    const [first, second] = await Promise.all([server.stop(30), server.stop(30)])
    const [{ statusCode }] = await answer
    expect(statusCode).toBe(200)
    expect(first).toBe(second)
    expect(first.killed).toEqual([])
    expect(first.tookS).toBeGreaterThan(0.1)
    expectNothingLeft()
  })

  test('listens on the port that was asked for', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const port = (probe.address() as { port: number }).port
    await expect(startServer(oddModel('good'), options({ port }))).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    probe.close()
    await once(probe, 'close')
    const server = await startServer(oddModel('good'), options({ port }))
    expect(server.targets[0]?.port).toBe(String(port))
    await server.stop(1)
  })

  test('that dies reports so, and can still be stopped', async () => {
    const server = await startServer(oddModel('good'), options())
    const [unit] = await server.units()
    process.kill(unit?.pid ?? 0, 'SIGKILL')
    expect(await server.ended).toEqual({ reason: '`worker-1` was ended by SIGKILL' })
    expect(await server.units()).toEqual([])
    expect((await server.stop(1)).killed).toEqual([])
    expectNothingLeft()
  })

  partTest(['taskset'], 'may use the CPUs it was given and no others', async () => {
    const server = await startServer(oddModel('good'), options({ cpus: [0] }))
    const [unit] = await server.units()
    expect(readFileSync(`/proc/${unit?.pid}/status`, 'utf8')).toMatch(/^Cpus_allowed_list:\t0$/m)
    await server.stop(1)
  })
})

test('what does not end in time is killed and named', async () => {
  const server = await startServer(oddModel('deaf'), options())
  const [unit] = await server.units()
  const report = await server.stop(0.2)
  expect(report.killed).toEqual([unit?.pid])
  expect(report.tookS).toBeGreaterThanOrEqual(0.2)
  expectNothingLeft()
})

test('processes that the server left behind when it ended are killed too', async () => {
  const server = await startServer(oddModel('brood'), options())
  await expect.poll(() => sessionProcesses(session.id, session.dir)).toHaveLength(3)
  const report = await server.stop(0.5)
  expect(report.killed).toHaveLength(2)
  expectNothingLeft()
})

describe('a start that fails leaves nothing and says why:', () => {
  test.each([
    ['a server that crashes', 'crash', 'START_FAILED', /exit code 3 before it was ready.*database is on fire/s],
    ['an app that cannot be used', 'bad-app', 'APP_INVALID', /^The app exports nothing usable\.$/],
    ['a server that never gets ready', 'mute', 'START_FAILED', /within 0\.5 s: 0 of 1 worker/],
  ] as const)('%s', async (_, behaviour, code, message) => {
    const start = startServer(oddModel(behaviour), options({ startTimeoutS: behaviour === 'mute' ? 0.5 : 120 }))
    await expect(start).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    expectNothingLeft()
  })

  test.each([
    ['that ends', 'echo no such shop; exit 3', 120, /ended with exit code 3 before it was ready\.[^]*no such shop/],
    ['that listens elsewhere', 'exec sleep 60', 0.5, /does not accept connections/],
  ])('a command %s', async (_, command, startTimeoutS, message) => {
    const start = startServer(await findModel('single'), options({ app: { command }, startTimeoutS }))
    await expect(start).rejects.toMatchObject({
      code: 'START_FAILED',
      problems: [
        {
          message: expect.stringMatching(message) as string,
          hint: expect.stringContaining('listen on $PORT') as string,
        },
      ],
    })
    expectNothingLeft()
  })

  test('a Node binary that is not there', async () => {
    await expect(startServer(oddModel('good'), options({ nodePath: '/nowhere/node' }))).rejects.toThrow(/ENOENT/)
    expectNothingLeft()
  })

  test('a start that is given up', async () => {
    const giveUp = new AbortController()
    const start = startServer(oddModel('mute'), options({ signal: giveUp.signal }))
    setTimeout(() => giveUp.abort(), 200)
    await expect(start).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expectNothingLeft()
  })
})

test('closing the session ends a running server', async () => {
  const server = await startServer(oddModel('good'), options())
  const [unit] = await server.units()
  await session.close()
  expect(readProcess(unit?.pid ?? 0)?.zombie ?? true).toBe(true)
  expect((await server.stop(1)).killed).toEqual(expect.any(Array))
})
