import { latenessLimitMs } from '../core/lateness.ts'
import type { LoadRecord } from '../core/load.ts'
import { formatCount, significant } from '../core/quantities.ts'
import { arrivalFaults, littleFaults } from './validity.ts'

/** Starts of agents that may have been further apart than this spoil whatever is joined second by second. */
const SKEW_LIMIT_MS = 2
/** Share of its event loop above which a generator's own queueing shows in the latencies. */
const LOOP_LIMIT = 0.6

/** What a reader must know before believing the figures; empty when there is nothing. */
export function doubtsOf(record: LoadRecord): string[] {
  const doubts: string[] = []
  const { load, latenessMs, generator, latencyMs } = record
  if (record.unsent > 0) {
    doubts.push(`${formatCount(record.unsent)} requests were never sent: the latencies leave out the worst.`)
  }
  if (latenessMs !== null && latenessMs.p99 > latenessLimitMs(latencyMs.p99)) {
    const cause =
      load.kind === 'open' && record.connectionsOpened >= load.maxConnections
        ? `all ${load.maxConnections} connections were busy (see --max-connections)`
        : 'the generator had too little CPU'
    doubts.push(`Requests were sent late, p99 ${significant(latenessMs.p99)} ms: ${cause}.`)
  }
  doubts.push(...agentDoubts(record))
  for (const fault of [...littleFaults(record), ...arrivalFaults(record)]) {
    doubts.push(`${fault.charAt(0).toUpperCase()}${fault.slice(1)}.`)
  }
  if (generator.eventLoopUtilization > LOOP_LIMIT && load.kind === 'open') {
    doubts.push(`The generator used ${percent(generator.eventLoopUtilization)} of its event loop: it may be the limit.`)
  }
  if (load.kind === 'closed' && generator.eventLoopUtilization > 0.9) {
    doubts.push(
      `The generator was busy ${percent(generator.eventLoopUtilization)} of the time: it, not the server, may be the limit.`,
    )
  }
  if (record.ok > 0 && record.ok < 100) {
    doubts.push(`Only ${record.ok} requests were answered as expected: quantiles above p90 say little.`)
  }
  return doubts
}

function agentDoubts({ agents, latencyMs }: LoadRecord): string[] {
  if (agents === undefined) return []
  const late = agents.agents
    .filter(({ latenessP99Ms }) => (latenessP99Ms ?? 0) > latenessLimitMs(latencyMs.p99))
    .map(({ address, host, latenessP99Ms }) => `${address} (${host}, p99 ${significant(latenessP99Ms ?? 0)} ms)`)
  const { startSkewBoundMs } = agents
  return [
    ...(late.length === 0 || agents.agents.length < 2 ? [] : [`Late were the agents ${late.join(', ')}.`]),
    ...(startSkewBoundMs <= SKEW_LIMIT_MS
      ? []
      : [
          `The agents may have begun up to ${significant(startSkewBoundMs)} ms apart: figures second by second are less exact, latencies are not.`,
        ]),
  ]
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
