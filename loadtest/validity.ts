import type { LoadRecord } from '../core/load.ts'
import type { HostUsage, Reconciliation } from '../core/records.ts'
import { significant } from '../core/quantities.ts'

/** Outside signals above these make a block unusable: shares of all cores, and of CPU time. */
export const GATES = { foreignPerCore: 0.1, stealRatio: 0.02 } as const

/** Most of its event loop that a generator may use before its own queueing shows in the latencies. */
const GENERATOR_LIMIT = 0.6

/** What the gates hold against a slice: signals from outside of the server only. Empty = keep. */
export function gateReasons(host: HostUsage, cores: number): string[] {
  const reasons: string[] = []
  const foreignPerCore = host.foreignCores / cores
  if (foreignPerCore > GATES.foreignPerCore) {
    reasons.push(`other programs used ${percent(foreignPerCore)} of each core (limit ${percent(GATES.foreignPerCore)})`)
  }
  if (host.stealRatio > GATES.stealRatio) {
    reasons.push(`the hypervisor took ${percent(host.stealRatio)} of the CPU (limit ${percent(GATES.stealRatio)})`)
  }
  if ((host.throttled ?? 0) > 0) reasons.push(`the CPU quota throttled the run ${host.throttled} times`)
  return reasons
}

/** Why a load is not what was asked for; empty when it is. Little's law is checked for open loops. */
export function loadFaults(record: LoadRecord): string[] {
  const faults: string[] = []
  const ledger = record.ok + record.non2xx + record.timeouts + record.connectionErrors + record.inFlightAtEnd
  if (record.sent !== ledger) faults.push(`the ledger does not close: ${record.sent} sent, ${ledger} accounted for`)
  if (record.scheduled !== record.sent + record.unsent) {
    faults.push(
      `the ledger does not close: ${record.scheduled} scheduled, ${record.sent} sent, ${record.unsent} unsent`,
    )
  }
  if (record.ok === 0) faults.push('no request was answered as expected')
  if (record.load.kind === 'open') faults.push(...openLoopFaults(record))
  return faults
}

/** Client and server counts side by side. They agree when the server saw what the client sent, no more and no less. */
export function reconcile(client: readonly LoadRecord[], serverAnswered: number | null): Reconciliation {
  const clientAnswered = client.reduce((sum, record) => sum + record.lifetime.answered, 0)
  const clientSent = client.reduce((sum, record) => sum + record.lifetime.sent, 0)
  const agrees = serverAnswered === null || (serverAnswered >= clientAnswered && serverAnswered <= clientSent)
  return { clientAnswered, clientSent, serverAnswered, agrees }
}

function openLoopFaults(record: LoadRecord): string[] {
  const faults: string[] = []
  if (record.unsent > 0) faults.push(`${record.unsent} scheduled requests were never sent`)
  if (record.generator.eventLoopUtilization > GENERATOR_LIMIT) {
    faults.push(
      `the generator used ${percent(record.generator.eventLoopUtilization)} of its event loop (limit ${percent(GENERATOR_LIMIT)})`,
    )
  }
  const lateness = record.latenessMs
  const p99 = record.latencyMs.p99
  if (lateness !== null && p99 !== null && lateness.p99 > Math.max(2, 0.05 * p99)) {
    faults.push(
      `requests were sent late: p99 ${significant(lateness.p99)} ms (limit ${significant(Math.max(2, 0.05 * p99))} ms)`,
    )
  }
  return faults
}

function percent(share: number): string {
  return `${significant(share * 100)} %`
}
