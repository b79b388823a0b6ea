import type { OpenLoad, WorkloadRequest } from '../../core/load.ts'
import type { DriverOptions } from '../driver.ts'
import { planArrivals } from '../drivers/schedule.ts'
import { runGenerators } from '../generator.ts'
import { startKnownServer } from './known-server-process.ts'
import { queueLatencies, sampleMean, sampleQuantile } from './known-truth.ts'
import { PROOF_SEED, proofLoad, proofRequest, rowOfMs, type Proof, type ProofRow } from './proof.ts'

/** Places of the virtual queue: no cores are needed for them, only timers. */
const PLACES = 8
/** Service times that the requests of the virtual queue ask for, in milliseconds: mean 20. */
const SERVICES_MS = [4, 8, 12, 20, 28, 48]
/** Long beside the 0.15 ms of the way there and back, which the recursion leaves out. */
const SPIN_MS = 8

/**
 * Every single latency is known: a server with eight virtual places serves requests that say how long they take, in the
 * order of arrival, and arrivals come from a seed. So the queue can be computed (Kiefer-Wolfowitz) and each measured
 * latency compared with its own truth.
 */
export const oracleProof: Proof = {
  name: 'oracle',
  summary: 'a queue with eight places whose every latency is computed beforehand',
  expectedS: 12,
  async run({ signal, generators, scale, say }) {
    say('a queue with eight places, each latency against its own truth')
    const requests = SERVICES_MS.map((ms) => proofRequest(`/slot?ms=${ms}&of=${PLACES}`))
    const load = proofLoad(300, 10 * scale)
    const serviceMs = (request: number): number => SERVICES_MS[request] ?? 0
    const { truthMs, traceMs } = await trace(requests, load, { serviceMs, places: PLACES }, { signal, generators })
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
  expectedS: 30,
  async run({ signal, generators, scale, say }) {
    const rows: ProofRow[] = []
    for (const utilization of [0.3, 0.5, 0.7]) {
      say(`a server that computes ${SPIN_MS} ms, at load ${utilization}`)
      const load = proofLoad((utilization * 1000) / SPIN_MS, 8 * scale)
      const queue = { serviceMs: () => SPIN_MS, places: 1 }
      const { truthMs, traceMs } = await trace([proofRequest(`/spin?ms=${SPIN_MS}`)], load, queue, {
        signal,
        generators,
      })
      const what = `M/D/1 at load ${utilization}`
      rows.push(
        rowOfMs(`${what}: mean`, sampleMean(truthMs), sampleMean(traceMs), { relative: 0.05 }),
        rowOfMs(`${what}: p99`, sampleQuantile(truthMs, 0.99), sampleQuantile(traceMs, 0.99), { relative: 0.1 }),
      )
    }
    return rows
  },
}

/** A queue with `places` servers, in which a request of the mix (by its index) is served for `serviceMs`. */
interface KnownQueue {
  readonly serviceMs: (request: number) => number
  readonly places: number
}

/**
 * Latency of each arrival that counts, in milliseconds: computed, and measured (-0.001 where there was no answer). The
 * queue is computed from the first arrival of the warm-up on.
 */
async function trace(
  requests: readonly WorkloadRequest[],
  load: OpenLoad,
  { serviceMs, places }: KnownQueue,
  options: DriverOptions,
): Promise<{ truthMs: readonly number[]; traceMs: readonly number[] }> {
  const server = await startKnownServer(PROOF_SEED, true)
  try {
    const job = {
      targets: [server.url.origin],
      requests,
      load,
      closesSilently: false,
      share: { index: 0, of: 1 },
      traced: true,
    }
    const parts = await runGenerators([job], options)
    const traceMs = (parts[0]?.traceUs ?? []).map((us) => us / 1000)
    const schedule = planArrivals(load, requests)
    const counts = (_: number, i: number): boolean => (schedule.instantsMs[i] ?? 0) >= schedule.countedFromMs
    const truthMs = queueLatencies([...schedule.instantsMs], [...schedule.requests].map(serviceMs), places)
    return { truthMs: truthMs.filter(counts), traceMs: traceMs.filter(counts) }
  } finally {
    await server.stop()
  }
}
