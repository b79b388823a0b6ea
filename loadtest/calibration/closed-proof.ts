import type { ClosedLoad, LoadRecord } from '../../core/load.ts'
import { significant } from '../../core/quantities.ts'
import type { DriverOptions } from '../driver.ts'
import { driverFor } from '../drivers.ts'
import { startKnownServer } from './known-server-process.ts'
import { sampleQuantile } from './known-truth.ts'
import { PROOF_SEED, proofRequest, type Proof, type ProofRow } from './proof.ts'
import { hasWrk, runWrk, type WrkResult } from './wrk.ts'

const CONNECTIONS = 10
/** Turns of wrk and ours after each other, at scale 1. */
const TURNS = 4

/**
 * The closed loop beside wrk, in turns, on one server that is the limit (it computes for 2 ms). Without wrk on the
 * machine there is no row.
 */
export const wrkProof: Proof = {
  name: 'wrk',
  summary: 'the closed loop beside wrk on the same server',
  expectedS: 18,
  async run({ signal, generators, scale, say }) {
    if (!(await hasWrk())) return []
    const server = await startKnownServer(PROOF_SEED)
    const durationS = Math.max(1, Math.round(2 * scale))
    const turns = Math.ceil(TURNS * scale)
    const ours: LoadRecord[] = []
    const theirs: WrkResult[] = []
    try {
      for (let turn = 1; turn <= turns; turn++) {
        say(`the closed loop beside wrk, turn ${turn} of ${turns}`)
        theirs.push(await runWrk(new URL('/spin?ms=2', server.url), CONNECTIONS, durationS, signal))
        ours.push(await closedRun(server.url, durationS, { signal, generators }))
      }
    } finally {
      await server.stop()
    }
    const median = (values: readonly number[]): number => sampleQuantile(values, 0.5)
    return [
      besideRow(
        'rate',
        '/s',
        median(theirs.map(({ ratePerS }) => ratePerS)),
        median(ours.map((record) => record.achievedRatePerS)),
      ),
      besideRow(
        'p50',
        ' ms',
        median(theirs.map(({ p50Ms }) => p50Ms)),
        median(ours.map((record) => record.latencyMs.p50 ?? 0)),
      ),
    ]
  },
}

async function closedRun(target: URL, durationS: number, options: DriverOptions): Promise<LoadRecord> {
  const load: ClosedLoad = { kind: 'closed', connections: CONNECTIONS, durationS, timeoutS: 5, seed: PROOF_SEED }
  return driverFor(load).run([target], { id: 'proof', requests: [proofRequest('/spin?ms=2')] }, load, options)
}

function besideRow(what: string, unit: string, truth: number, measured: number): ProofRow {
  const error = measured / truth - 1
  return {
    proof: `closed loop beside wrk: ${what}`,
    truth: `${significant(truth)}${unit} (wrk)`,
    measured: `${significant(measured)}${unit}`,
    error: `${error >= 0 ? '+' : '−'}${significant(Math.abs(error) * 100)} %`,
    goal: '3 %',
    passed: Math.abs(error) <= 0.03,
  }
}
