import { LatencyHistogram } from '../core/histogram.ts'
import type { AgentRecord, AgentsRecord, LatencySummary, NetworkRecord } from '../core/load.ts'
import { type ClockReading, startSkew } from './clock.ts'
import type { AgentFacts, AgentPart } from './protocol.ts'

/** Lowest latency that is kept, in µs, where less is left without the network. */
const LEAST_US = 1

/** What is known of one agent after a load. */
export interface AgentOutcome {
  readonly address: string
  readonly facts: AgentFacts
  readonly network: NetworkRecord | null
  readonly clock: ClockReading
  readonly driftMs: number
  readonly part: AgentPart
}

/** What agents did in a load, and how well they kept together. */
export function agentsRecord(outcomes: readonly AgentOutcome[]): AgentsRecord {
  const agents = outcomes.map(agentRecord)
  const starts = outcomes.flatMap(({ clock }, i) => {
    const lateMs = agents[i]?.startLateMs ?? null
    return lateMs === null ? [] : [{ lateMs, errorMs: clock.errorMs }]
  })
  const { skewMs, boundMs } = startSkew(starts)
  return {
    startSkewMs: skewMs,
    startSkewBoundMs: boundMs,
    latencyWithoutNetworkMs: withoutNetwork(outcomes),
    agents,
  }
}

function agentRecord({ address, facts, network, clock, driftMs, part }: AgentOutcome): AgentRecord {
  const { parts, beganLateMs } = part
  const firsts = parts.flatMap(({ firstLateMs }) => (typeof firstLateMs === 'number' ? [firstLateMs] : []))
  const lateness = histogramOf(parts.flatMap(({ lateness }) => lateness ?? []))
  const latenessUs = lateness.quantileUs(0.99)
  return {
    address,
    ...facts,
    processes: parts.length,
    sent: parts.reduce((sum, { ledger }) => sum + ledger.sent, 0),
    controllerRoundTripMs: clock.roundTripMs,
    clockDriftMs: driftMs,
    startLateMs: beganLateMs ?? (firsts.length === 0 ? null : Math.max(...firsts)),
    latenessP99Ms: latenessUs === null ? null : latenessUs / 1000,
    network,
  }
}

/** Each agent's latencies less its own median round trip, merged; null where a round trip is not known. */
function withoutNetwork(outcomes: readonly AgentOutcome[]): LatencySummary | null {
  const merged = new LatencyHistogram()
  for (const { network, part } of outcomes) {
    if (network === null) return null
    const lessUs = network.roundTripMs * 1000
    for (const [us, count] of histogramOf(part.parts.map(({ latency }) => latency)).recorded()) {
      merged.record(Math.max(LEAST_US, us - lessUs), count)
    }
  }
  return merged.summaryMs()
}

function histogramOf(texts: readonly string[]): LatencyHistogram {
  return LatencyHistogram.merged(texts.map((text) => LatencyHistogram.fromBase64(text)))
}
