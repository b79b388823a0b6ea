import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Fleet } from '../../agents/fleet.ts'
import type { Load, LoadRecord, OpenLoad } from '../../core/load.ts'
import { type KnownServer, startKnownServer } from '../../loadtest/calibration/known-server-process.ts'
import type { DriverOptions } from '../../loadtest/driver.ts'
import { driverFor } from '../../loadtest/drivers.ts'
import { ProcessFamily } from '../../loadtest/process-family.ts'
import { expectLedger } from '../loadtest/drivers/ledger.ts'
import { BUILD, startAgent, type TestAgent, testCampaign } from './campaign.ts'

const REQUESTS = [
  { route: '/now', method: 'GET' as const, path: '/now', weight: 3, expectStatus: 200 },
  { route: '/wait', method: 'GET' as const, path: '/wait?ms=1', weight: 1, expectStatus: 200 },
]
const OPEN: OpenLoad = {
  kind: 'open',
  ratePerS: 300,
  arrivals: 'poisson',
  durationS: 1.5,
  warmupS: 0.5,
  timeoutS: 30,
  seed: 5,
  maxConnections: 90,
}
const LONG: Load = { ...OPEN, ratePerS: 50, durationS: 600 }

const campaign = testCampaign()
let server: KnownServer
let agents: TestAgent[] = []
let fleet: Fleet | null = null

beforeAll(async () => {
  server = await startKnownServer()
})
afterEach(async () => {
  fleet?.close()
  fleet = null
  await Promise.all(agents.splice(0).map(async ({ agent }) => agent.close()))
  expect(generators()).toEqual([])
})
afterAll(async () => {
  await server.stop()
  campaign.remove()
})

/** Agents run in this process, and so their generators are its children, beside the server. */
function generators(): number[] {
  return [...new ProcessFamily([process.pid]).living()].filter((pid) => pid !== process.pid && pid !== server.pid)
}

async function connect(count: number, more: Parameters<typeof startAgent>[1] = {}): Promise<Fleet> {
  agents = await Promise.all(Array.from({ length: count }, async () => startAgent(campaign.agent, more)))
  const addresses = agents.map(({ agent }) => ({ host: '127.0.0.1', port: agent.port }))
  fleet = await Fleet.connect(addresses, {
    identity: campaign.controller,
    build: BUILD,
    signal: new AbortController().signal,
  })
  return fleet
}

async function drive(by: Fleet, load: Load, options: Partial<DriverOptions> = {}): Promise<LoadRecord> {
  const signal = new AbortController().signal
  return by.drive([server.url], { id: 'test', requests: REQUESTS }, load, { signal, ...options })
}

function countsOf({ scheduled, sent, ok, routes, arrivalFit }: LoadRecord): unknown {
  return {
    scheduled,
    sent,
    ok,
    routes: routes.map(({ route, ok: each }) => [route, each]),
    planned: arrivalFit?.planned,
  }
}

test('three agents send what one process would, arrival for arrival, and the server counts the same', async () => {
  const signal = new AbortController().signal
  const one = await driverFor(OPEN).run([server.url], { id: 'test', requests: REQUESTS }, OPEN, { signal })
  const three = await connect(3)
  const before = await server.counts()
  let seconds = 0
  const merged = await drive(three, OPEN, { onProgress: () => seconds++ })
  const after = await server.counts()
  expectLedger(merged)
  expect(countsOf(merged)).toEqual(countsOf(one))
  expect(after.arrived - before.arrived).toBe(merged.lifetime.sent)
  expect(merged.generator.processes).toBe(3)
  expect(seconds).toBeGreaterThan(0)
  const { agents: found = [], startSkewMs, startSkewBoundMs, latencyWithoutNetworkMs } = merged.agents ?? {}
  expect(found.reduce((sum, { sent }) => sum + sent, 0)).toBe(merged.sent)
  expect(found.every(({ sent }) => sent > 0)).toBe(true)
  expect(startSkewBoundMs).toBeGreaterThanOrEqual(startSkewMs ?? Number.NaN)
  expect(latencyWithoutNetworkMs?.count).toBe(merged.latencyMs.count)
  expect(found.every(({ network }) => (network?.samples ?? 0) > 0)).toBe(true)
})

test('a closed loop is divided by connections, and the next load finds the same agents', async () => {
  const two = await connect(2)
  const closed: Load = { kind: 'closed', connections: 5, durationS: 0.5, timeoutS: 30, seed: 1 }
  for (let i = 0; i < 2; i++) {
    const record = await drive(two, closed)
    expectLedger(record)
    expect(record.ok).toBeGreaterThan(0)
    expect(record.connectionsOpened).toBe(5)
    expect(record.agents?.agents.map(({ startLateMs }) => startLateMs === null)).toEqual([false, false])
  }
})

test('an agent that is lost in a load makes it fail by name, and the other one stops', async () => {
  const two = await connect(2)
  const [first] = agents
  const lost = drive(two, LONG, { onCounting: () => void first?.agent.close() })
  await expect(lost).rejects.toMatchObject({
    code: 'TRIAL_FAILED',
    message: expect.stringContaining(`Agent 127.0.0.1:${first?.agent.port ?? 'that closed'}`),
  })
  expect(agents[1]?.lines).toContain('load over')
})

test('an interrupted load gives what was counted so far', async () => {
  const two = await connect(2)
  const stop = new AbortController()
  const record = await drive(two, LONG, {
    signal: stop.signal,
    onProgress: ({ phase }) => {
      if (phase === 'counting') stop.abort()
    },
  })
  expect(record.sent).toBeGreaterThan(0)
  expect(record.agents?.agents).toHaveLength(2)
})

test('a controller that hangs up ends the load and its processes', async () => {
  const one = await connect(1)
  const lost = drive(one, LONG, { onCounting: () => one.close() })
  await expect(lost).rejects.toThrow()
  await expect.poll(() => agents[0]?.lines.at(-1)).toMatch(/is gone$/)
  await expect.poll(generators).toEqual([])
})

test('a load beyond the limits of an agent is refused by name, and no agent loads anything', async () => {
  const two = await connect(2)
  const before = await server.counts()
  await expect(drive(two, { ...OPEN, maxConnections: 1000 })).rejects.toMatchObject({
    code: 'AGENT_UNAVAILABLE',
    message: expect.stringMatching(/it refused a load over 500 connections, more than its limit of 100/),
  })
  const after = await server.counts()
  // The first request of each agent, which asks whether the target is there.
  expect(after.arrived - before.arrived).toBe(2)
})

test('all agents that are not there are named at once', async () => {
  const { agent } = await startAgent(campaign.agent)
  const { port } = agent
  await agent.close()
  const addresses = [port, port].map((each, i) => ({ host: `127.0.0.${i + 1}`, port: each }))
  const side = { identity: campaign.controller, build: BUILD, signal: new AbortController().signal }
  await expect(Fleet.connect(addresses, side)).rejects.toMatchObject({
    code: 'AGENT_UNAVAILABLE',
    problems: [{ message: expect.stringContaining('127.0.0.1:') }, { message: expect.stringContaining('127.0.0.2:') }],
  })
})
