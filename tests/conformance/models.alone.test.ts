import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import os from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningDependency, startDependency } from '../../cluster/dependency.ts'
import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { readProcess } from '../../cluster/proc.ts'
import { openSession, type Session, sessionProcesses } from '../../cluster/session.ts'
import { startServer, type StartOptions } from '../../cluster/start.ts'
import { topologyDifference } from '../../cluster/units.ts'
import { parseExposition } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { expectCataloguedMetrics } from './metrics.ts'
import { ask, askMany, askUntil } from './requests.ts'
import { gapOf, inFlightOf, modelsToTest, requestsFor, SIZE, type Subject, workStatusOf } from './subjects.ts'

// What every server model must do, whoever wrote it. A model that cannot has a gap with a reason in subjects.ts.

let stateRoot = ''
let dependencySession: Session
let dependency: RunningDependency
beforeAll(async () => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
  dependencySession = await openSession({ stateRoot })
  dependency = await startDependency(dependencySession)
})
afterAll(async () => {
  await dependencySession.close()
  rmSync(stateRoot, { recursive: true, force: true })
})

const subjects = await modelsToTest()

/** A computation of a few milliseconds: long enough that one worker cannot have all of them to itself. */
const WORK = '/cpu/prime?n=9999999977'

function start(
  { model, nodePath }: Subject,
  session: Session,
  more: Partial<StartOptions> = {},
): Promise<RunningServer> {
  return startServer(model, {
    session,
    size: SIZE,
    app: {},
    metrics: true,
    upstreamUrl: dependency.url,
    nodePath,
    signal: AbortSignal.timeout(300_000),
    startTimeoutS: 240,
    ...more,
  })
}

/** Neither process, nor folder, nor port. */
async function expectNothingLeft(session: Session, targets: readonly URL[] = []): Promise<void> {
  expect(sessionProcesses(session.id, session.dir)).toEqual([])
  expect(readdirSync(session.dir)).toEqual([])
  for (const target of targets) expect(await isOpen(target)).toBe(false)
}

function isOpen({ hostname, port }: URL): Promise<boolean> {
  const socket = createConnection({ host: hostname, port: Number(port) })
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).then((open) => {
    socket.destroy()
    return open as boolean
  })
}

describe.concurrent.each(subjects)('$model.id', (subject) => {
  const { model, unavailable } = subject
  const check = (name: string, run: (session: Session) => Promise<void>): void => {
    const reason = unavailable ?? gapOf(model.id, name)
    test.skipIf(reason !== null)(reason === null ? name : `${name} [${reason}]`, async () => {
      const session = await openSession({ stateRoot })
      try {
        await run(session)
      } finally {
        await session.close()
      }
    })
  }

  check(
    'serves with every worker, counts every request, finishes those in flight, and leaves nothing',
    async (session) => {
      const server = await start(subject, session)
      const units = await server.units()
      expect(topologyDifference(model.topology(SIZE), units)).toEqual([])
      expect(new Set(units.map(({ name }) => name)).size).toBe(units.length)
      for (const target of server.targets) expect(await ask(new URL('/readyz', target))).toBe(200)
      // What a process gets from others by its own client: Bun, say, has one of its own for Node's.
      for (const target of server.targets) expect(await ask(new URL('/io/upstream?ms=1', target))).toBe(200)

      // Where workers compete for connections one may be unlucky for a while, but not for ever.
      let asked = 0
      let counts: WorkCount[] = []
      for (let round = 0; round < 5 && (round === 0 || counts.some(isIdle)); round++) {
        const statuses = await askMany(server.targets, WORK, { requests: requestsFor(model), atOnce: 12 })
        expect(statuses).toEqual(statuses.map(() => workStatusOf(model)))
        asked += statuses.length
        counts = await untilCounted(server, asked)
      }
      expect(counts.filter(isIdle)).toEqual([])
      expect(requestsOf(counts)).toBe(asked)
      await expectCataloguedMetrics(units)

      const usage = await server.usage()
      expect(new Set(usage.map(({ name }) => name)).size).toBe(usage.length)
      for (const { pid } of units) expect(usage.some((process) => process.pid === pid)).toBe(true)

      const requests = inFlightOf(model.id)
      const inFlight = askMany(server.targets, '/io/sleep?ms=2500', { requests, atOnce: requests })
      await sleep(1200)
      const [report, again] = await Promise.all([server.stop(20), server.stop(20)])
      expect(await inFlight).toEqual(Array.from({ length: requests }, () => 200))
      expect(again).toBe(report)
      expect(report.killed).toEqual([])
      await expectNothingLeft(session, server.targets)
    },
  )

  check('notices a worker that is killed: it is replaced, or the server reports that it ended', async (session) => {
    const server = await start(subject, session)
    const victim = (await server.units()).findLast(({ role }) => role === 'worker')
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    const noticed = await Promise.race([
      server.ended.then(() => 'ended'),
      untilReplaced(server, model, victim?.pid).then(() => 'replaced'),
      sleep(200_000, 'unnoticed'),
    ])
    expect(['ended', 'replaced']).toContain(noticed)
    await server.stop(1)
    await expectNothingLeft(session, server.targets)
  })

  if (model.reload !== undefined) {
    const promise = model.reload === 'clean' ? ', without a failed request' : ''
    check(`replaces every worker when it reloads${promise}`, async (session) => {
      const server = await start(subject, session)
      const before = await workerPids(server)
      const over = new AbortController()
      const reloading = server.reload?.().finally(() => over.abort())
      const wrong = await askUntil(server.targets, '/io/sleep?ms=5', () => over.signal.aborted)
      await reloading
      if (model.reload === 'clean') expect(wrong).toEqual([])
      expect((await workerPids(server)).filter((pid) => before.includes(pid))).toEqual([])
      expect(topologyDifference(model.topology(SIZE), await server.units())).toEqual([])
      expect((await server.stop(20)).killed).toEqual([])
      await expectNothingLeft(session, server.targets)
    })
  }

  if (model.runs === 'any-node-app') {
    // That it runs apps of every kind is in tests/cli/compare/own-app.real.test.ts.
    check('says in the app’s own words why it cannot start, and leaves nothing', async (session) => {
      await expect(start(subject, session, { app: { module: app('throws.mjs') } })).rejects.toMatchObject({
        code: 'APP_INVALID',
        message: expect.stringMatching(/no database here/) as string,
      })
      await expectNothingLeft(session)
    })
  } else {
    check('says why it cannot start, and leaves nothing', async (session) => {
      await expect(start(subject, session, { upstreamUrl: 'no address' })).rejects.toMatchObject({
        code: expect.stringMatching(/^(START_FAILED|APP_INVALID|USAGE)$/) as string,
        message: expect.stringMatching(/FORKWISE_UPSTREAM/) as string,
      })
      await expectNothingLeft(session)
    })
  }
})

function app(file: string): string {
  return join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', file)
}

async function workerPids(server: RunningServer): Promise<number[]> {
  return (await server.units()).filter(({ role }) => role === 'worker').map(({ pid }) => pid)
}

/** Waits until the server is complete again without the process of that pid. */
async function untilReplaced(server: RunningServer, model: ServerModel, pid: number | undefined): Promise<void> {
  for (;;) {
    const units = await server.units()
    const complete = topologyDifference(model.topology(SIZE), units).length === 0
    if (complete && !units.some((unit) => unit.pid === pid)) return
    await sleep(50)
  }
}

/** What one worker or thread says it has done. */
interface WorkCount {
  readonly name: string
  /** Requests for {@link WORK} it answered itself. */
  readonly requests: number
  /** Tasks it did as the member of a pool. */
  readonly tasks: number
}

function isIdle({ requests, tasks }: WorkCount): boolean {
  return requests + tasks === 0
}

/** Waits until the last answers are counted, which happens just after their client has them. */
async function untilCounted(server: RunningServer, requests: number): Promise<WorkCount[]> {
  const deadline = performance.now() + 120_000
  let counts = await countWork(server)
  while (requestsOf(counts) < requests && performance.now() < deadline) {
    await sleep(20)
    counts = await countWork(server)
  }
  return counts
}

function requestsOf(counts: readonly WorkCount[]): number {
  return counts.reduce((total, { requests }) => total + requests, 0)
}

async function countWork(server: RunningServer): Promise<WorkCount[]> {
  const counts: WorkCount[] = []
  for (const { name, role, metricsUrl } of await server.units()) {
    if ((role !== 'worker' && role !== 'thread') || metricsUrl === undefined) continue
    const samples = parseExposition(await (await fetch(metricsUrl, { headers: { connection: 'close' } })).text())
    const total = (metric: string, route?: RegExp): number =>
      samples
        .filter((sample) => sample.name === metric && (route?.test(sample.labels['http_route'] ?? '') ?? true))
        .reduce((sum, { value }) => sum + value, 0)
    const requests = total(`${METRICS.requestDuration.name}_count`, /^\/cpu\/prime$/)
    counts.push({ name, requests, tasks: total(METRICS.poolMemberTasks.name) })
  }
  return counts
}

test('nothing of any model survives the death of the process that started it', async () => {
  const root = mkdtempSync(join(os.tmpdir(), 'fw-'))
  const available = subjects.filter(({ unavailable }) => unavailable === null)
  const script = new URL('../fixtures/servers/models-owner.mjs', import.meta.url).pathname
  const words = available.map(({ model, nodePath }) => `${model.id}=${nodePath}`)
  const owner = spawn(process.execPath, [script, root, dependency.url, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  owner.stdout.on('data', (data: Buffer) => {
    said += data.toString()
  })
  await expect.poll(() => said.endsWith('\n') || owner.exitCode !== null, { timeout: 280_000 }).toBe(true)
  const { pids, targets } = JSON.parse(said) as { pids: number[]; targets: string[] }
  expect(pids.length).toBeGreaterThan(available.length)
  owner.kill('SIGKILL')
  await once(owner, 'exit')

  const session = await openSession({ stateRoot: root })
  expect(session.reaped.sessions).toBe(1)
  expect(pids.filter((pid) => readProcess(pid)?.zombie === false)).toEqual([])
  for (const target of targets) expect(await isOpen(new URL(target))).toBe(false)
  expect(readdirSync(root)).toEqual([session.id])
  await session.close()
  expect(existsSync(root)).toBe(false)
})
