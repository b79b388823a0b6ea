import { CRITICAL_VALUES, littleGap } from '../core/arrivals.ts'
import type { LoadRecord } from '../core/load.ts'
import type { HostUsage, Reconciliation } from '../core/records.ts'
import { significant } from '../core/quantities.ts'

/** Outside signals above these make a block unusable: shares of all cores, and of CPU time. */
export const GATES = { foreignPerCore: 0.1, stealRatio: 0.02 } as const

/** Share of the requests that may fail in a slice that counts. */
const FAILURE_LIMIT = 0.01

/** Most of its event loop that a generator may use before its own queueing shows in the latencies. */
const GENERATOR_LIMIT = 0.6

/** Most that the mean number in flight may differ from Little's law, as a share, and in milliseconds a request. */
const LITTLE = { share: 0.02, ms: 0.05 } as const

/** One slice as the gates see it: when it was measured, and what the machine did meanwhile. */
export interface GatedSlice {
  readonly trialId: string
  readonly host: HostUsage
}

/**
 * What the gates hold against a block: for each outside signal that was above its limit, the worst slice. Signals from
 * the server itself (latencies, run queue) are never used. Empty = keep.
 */
export function gateReasons(slices: readonly GatedSlice[], cores: number): string[] {
  const worst = (signal: (host: HostUsage) => number, limit: number, says: (value: number) => string): string[] => {
    const highest = slices.reduce<GatedSlice | null>(
      (held, slice) => (held === null || signal(slice.host) > signal(held.host) ? slice : held),
      null,
    )
    if (highest === null || signal(highest.host) <= limit) return []
    return [`${says(signal(highest.host))} during ${highest.trialId}`]
  }
  return [
    ...worst(
      // What cannot be separated from the server's own work is no sign of others.
      (host) => (host.serverUnseen === true ? 0 : host.foreignCores / cores),
      GATES.foreignPerCore,
      (share) => `other programs used ${percent(share)} of each core (limit ${percent(GATES.foreignPerCore)})`,
    ),
    ...worst(
      (host) => host.stealRatio,
      GATES.stealRatio,
      (share) => `the hypervisor took ${percent(share)} of the CPU (limit ${percent(GATES.stealRatio)})`,
    ),
    ...worst(
      (host) => host.throttled ?? 0,
      0,
      (times) => `the CPU quota throttled the run ${times} times`,
    ),
  ]
}

/** Why a load is not what was asked for; empty when it is. Open loops are checked by Little's law and for their arrivals too. */
export function loadFaults(record: LoadRecord): string[] {
  const faults: string[] = []
  const ledger = record.ok + record.non2xx + record.timeouts + record.connectionErrors + record.inFlightAtEnd
  if (record.sent !== ledger) faults.push(`the ledger does not close: ${record.sent} sent, ${ledger} accounted for`)
  if (record.scheduled !== record.sent + record.unsent) {
    faults.push(
      `the ledger does not close: ${record.scheduled} scheduled, ${record.sent} sent, ${record.unsent} unsent`,
    )
  }
  if (record.ok === 0) faults.push(`no request was answered as expected${mostOften(record)}`)
  if (record.load.kind === 'open') faults.push(...openLoopFaults(record))
  return faults
}

/**
 * More failures than the odd one are another kind of answer, not noise: a throughput of refusals, or of the few that a
 * limiter lets through, says nothing about a server. Not for loads that are to overwhelm it. Empty when there are few.
 */
export function failureFaults(record: LoadRecord): string[] {
  const failed = record.non2xx + record.timeouts + record.connectionErrors
  const share = failed / record.sent
  if (record.ok === 0 || !(share > FAILURE_LIMIT)) return []
  const limited = record.errorSamples.some(({ message }) => message === 'status 429')
  return [
    `${percent(share)} of the requests failed${mostOften(record)} (limit ${percent(FAILURE_LIMIT)})${limited ? ': the app limits its rate' : ''}`,
  ]
}

/** What went wrong most often, as the end of a sentence; empty when nothing did. */
function mostOften({ errorSamples }: LoadRecord): string {
  const [worst] = errorSamples.toSorted((a, b) => b.count - a.count)
  return worst === undefined ? '' : `, most often: ${worst.message}`
}

/**
 * Client and server counts side by side. They agree when the server saw what the client sent, no more and no less; one
 * that may call itself (`selfCalls`: server-side rendering that asks its own API) may have seen more.
 */
export function reconcile(
  client: readonly LoadRecord[],
  serverAnswered: number | null,
  selfCalls: boolean = false,
): Reconciliation {
  const clientAnswered = client.reduce((sum, record) => sum + record.lifetime.answered, 0)
  const clientSent = client.reduce((sum, record) => sum + record.lifetime.sent, 0)
  const agrees =
    serverAnswered === null || (serverAnswered >= clientAnswered && (selfCalls || serverAnswered <= clientSent))
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
  faults.push(...littleFaults(record), ...arrivalFaults(record))
  const lateness = record.latenessMs
  const p99 = record.latencyMs.p99
  if (lateness !== null && p99 !== null && lateness.p99 > Math.max(2, 0.05 * p99)) {
    faults.push(
      `requests were sent late: p99 ${significant(lateness.p99)} ms (limit ${significant(Math.max(2, 0.05 * p99))} ms)`,
    )
  }
  return faults
}

/**
 * Little's law over the requests that were answered as expected: the mean number in flight, which was counted, against
 * their rate times their mean time, which comes from the histogram. All requests are followed to their end, so that it
 * holds for a run of any length. Two readings of a clock differ by some µs, which answers of 0.1 ms would show.
 */
export function littleFaults(record: LoadRecord): string[] {
  const { meanInFlight, ok, timeouts, countedS, serviceTimeMs, load } = record
  if (meanInFlight === undefined || meanInFlight === null || serviceTimeMs.mean === null || ok === 0) return []
  // The histogram has timeouts too, at their timeout.
  const sumMs = serviceTimeMs.mean * serviceTimeMs.count - timeouts * load.timeoutS * 1000
  const ratePerS = ok / countedS
  const gap = littleGap(meanInFlight, ratePerS, sumMs / ok / 1000)
  if (gap <= LITTLE.share || gap * meanInFlight <= (ratePerS * LITTLE.ms) / 1000) return []
  return [
    `the latencies do not fit the number in flight: ${percent(gap)} from Little's law (limit ${percent(LITTLE.share)})`,
  ]
}

/**
 * Sends that are no Poisson process (at 1 %) although their schedule is one. One schedule in a hundred fails by chance,
 * which is no fault.
 */
export function arrivalFaults({ arrivalFit }: LoadRecord): string[] {
  if (arrivalFit === undefined || arrivalFit === null) return []
  const limit = CRITICAL_VALUES['1%']
  if (arrivalFit.sent <= limit || arrivalFit.planned > limit) return []
  return [
    `requests were not sent like independent arrivals: Anderson-Darling ${significant(arrivalFit.sent)} for ${arrivalFit.gaps} gaps, ` +
      `${significant(arrivalFit.planned)} as planned (limit ${significant(limit)})`,
  ]
}

function percent(share: number): string {
  return `${significant(share * 100)} %`
}
