import { expect, test } from 'vitest'
import { type AgentOutcome, agentsRecord } from '../../agents/agents-record.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { GeneratorPart } from '../../loadtest/generator-protocol.ts'

function histogram(...us: number[]): string {
  const all = new LatencyHistogram()
  for (const each of us) all.record(each)
  return all.toBase64()
}

function outcome(more: {
  latenciesUs: number[]
  roundTripMs: number | null
  firstLateMs?: number
  beganLateMs?: number
}): AgentOutcome {
  const { latenciesUs, roundTripMs, firstLateMs, beganLateMs = null } = more
  const part = {
    latency: histogram(...latenciesUs),
    lateness: beganLateMs === null ? histogram(10, 20, 300) : null,
    ledger: { sent: latenciesUs.length },
    ...(firstLateMs === undefined ? {} : { firstLateMs }),
  } as GeneratorPart
  return {
    address: '10.0.0.2:7420',
    facts: { host: 'gen', cores: 4, node: '20.20.2' },
    network: roundTripMs === null ? null : { samples: 15, roundTripMs, jitterMs: 0.1 },
    clock: { offsetMs: 5, errorMs: 0.1, roundTripMs: 0.2 },
    driftMs: 0.01,
    part: { parts: [part], beganLateMs },
  }
}

test('each agent’s own round trip is taken from its latencies', () => {
  const { latencyWithoutNetworkMs, latency } = {
    ...agentsRecord([
      outcome({ latenciesUs: [30_000, 40_000], roundTripMs: 20 }),
      outcome({ latenciesUs: [3000], roundTripMs: 1 }),
      outcome({ latenciesUs: [500], roundTripMs: 1 }),
    ]),
    latency: [0.001, 2, 10, 20],
  }
  expect(latencyWithoutNetworkMs?.count).toBe(4)
  expect(latencyWithoutNetworkMs?.mean).toBeCloseTo(latency.reduce((sum, each) => sum + each, 0) / 4, 1)
  expect(latencyWithoutNetworkMs?.max).toBeCloseTo(20, 1)
})

test('a network that could not be measured is not guessed', () => {
  const { latencyWithoutNetworkMs, agents } = agentsRecord([
    outcome({ latenciesUs: [30_000], roundTripMs: 20 }),
    outcome({ latenciesUs: [3000], roundTripMs: null }),
  ])
  expect(latencyWithoutNetworkMs).toBeNull()
  expect(agents.map(({ network }) => network?.roundTripMs ?? null)).toEqual([20, null])
})

test('starts are told by the first send, or by the beginning of a closed loop', () => {
  const { agents, startSkewMs, startSkewBoundMs } = agentsRecord([
    outcome({ latenciesUs: [1000], roundTripMs: 1, firstLateMs: 0.3 }),
    outcome({ latenciesUs: [1000], roundTripMs: 1, beganLateMs: 1.5 }),
    outcome({ latenciesUs: [], roundTripMs: 1 }),
  ])
  expect(agents.map(({ startLateMs }) => startLateMs)).toEqual([0.3, 1.5, null])
  expect(agents.map(({ latenessP99Ms }) => latenessP99Ms)).toEqual([0.3, null, 0.3])
  expect(startSkewMs).toBeCloseTo(1.2)
  expect(startSkewBoundMs).toBeCloseTo(1.4)
})
