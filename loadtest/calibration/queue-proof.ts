import type { LoadRecord, OpenLoad, WorkloadRequest } from '../../core/load.ts'
import { mergeParts } from '../drivers/merge.ts'
import { planArrivals, type Schedule } from '../drivers/schedule.ts'
import { runGenerators } from '../generator.ts'
import { startKnownServer } from './known-server-process.ts'
import { queueLatencies, sampleMean, sampleQuantile } from './known-truth.ts'
import { PROOF_SEED, proofLoad, proofRequest, rowOfMs, type Proof, type ProofRow } from './proof.ts'

/** Places of the virtual queue: no cores are needed for them, only timers. */
const PLACES = 8
/** Service times that the requests of the virtual queue ask for, in milliseconds: mean 20. */
const SERVICES_MS = [4, 8, 12, 20, 28, 48]
/** Long beside the 0.15 ms that HTTP takes on top, which the recursion leaves out. */
const SPIN_MS = 8

/**
 * Every single latency is known: a server with eight virtual places serves requests that say how long they take, in the
 * order of arrival, and arrivals come from a seed. So the queue can be computed (Kiefer-Wolfowitz) and each measured
 * latency compared with its own truth.
 */
export const oracleProof: Proof = {
  name: 'oracle',
  summary: 'a queue with eight places whose every latency is computed beforehand',
  expectedS: 11,
  async run({ signal, scale, say }) {
    say('a queue with eight places, each latency against its own truth')
    const requests = SERVICES_MS.map((ms) => proofRequest(`/slot?ms=${ms}&of=${PLACES}`))
    const load = proofLoad(300, 10 * scale)
    const { schedule, traceMs } = await trace(requests, load, signal)
    const services = [...schedule.requests].map((index) => SERVICES_MS[index] ?? 0)
    const truthMs = queueLatencies([...schedule.instantsMs], services, PLACES)
    const errorsMs = truthMs.map((truth, i) => Math.abs((traceMs[i] ?? Number.POSITIVE_INFINITY) - truth))
    return [
      rowOfMs('virtual queue, load 0.75: mean', sampleMean(truthMs), sampleMean(traceMs), { relative: 0.03 }),
      rowOfMs('virtual queue, load 0.75: p99', sampleQuantile(truthMs, 0.99), sampleQuantile(traceMs, 0.99), {
        relative: 0.03,
      }),
      rowOfMs('virtual queue: error of a single request, p50', 0, sampleQuantile(errorsMs, 0.5), { absolute: 1 }),
    ]
  },
}

/**
 * A server whose one thread computes for a fixed time: an M/D/1 queue. The truth is Lindley's recursion over the very
 * arrivals that were sent, so that no sampling error is left; the recursion's own mean is M/D/1's ρD/(2(1−ρ)) + D.
 */
export const spinProof: Proof = {
  name: 'spin',
  summary: 'a server that computes, at load 0.3, 0.5 and 0.7',
  expectedS: 25,
  async run({ signal, scale, say }) {
    const rows: ProofRow[] = []
    for (const utilization of [0.3, 0.5, 0.7]) {
      say(`a server that computes ${SPIN_MS} ms, at load ${utilization}`)
      const load = proofLoad((utilization * 1000) / SPIN_MS, 8 * scale)
      const { schedule, traceMs } = await trace([proofRequest(`/spin?ms=${SPIN_MS}`)], load, signal)
      const arrivals = [...schedule.instantsMs]
      const truthMs = queueLatencies(arrivals, Array<number>(arrivals.length).fill(SPIN_MS), 1)
      const what = `M/D/1 at load ${utilization}`
      rows.push(
        rowOfMs(`${what}: mean`, sampleMean(truthMs), sampleMean(traceMs), { relative: 0.05 }),
        rowOfMs(`${what}: p99`, sampleQuantile(truthMs, 0.99), sampleQuantile(traceMs, 0.99), { relative: 0.1 }),
      )
    }
    return rows
  },
}

/** Latency of each arrival in milliseconds (-0.001 where there was no answer), with the schedule it came from. */
async function trace(
  requests: readonly WorkloadRequest[],
  load: OpenLoad,
  signal: AbortSignal,
): Promise<{ schedule: Schedule; traceMs: readonly number[]; record: LoadRecord }> {
  const server = await startKnownServer(PROOF_SEED)
  try {
    const job = {
      targets: [server.url.origin],
      requests,
      load,
      closesSilently: false,
      share: { index: 0, of: 1 },
      traced: true,
    }
    const parts = await runGenerators([job], { signal })
    const traceMs = (parts[0]?.traceUs ?? []).map((us) => us / 1000)
    return { schedule: planArrivals(load, requests), traceMs, record: mergeParts(load, parts) }
  } finally {
    await server.stop()
  }
}
