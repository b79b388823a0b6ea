import { stallQuantileS } from './known-truth.ts'
import { loadKnownServer, proofLoad, proofRequest, rowOfMs, type Proof } from './proof.ts'

/**
 * A server that answers at once, but stands still for a tenth of the run: the closed loops of most tools send nothing
 * meanwhile and report a p99 of some ms; what users meet is nearly the whole stall.
 */
export const stallProof: Proof = {
  name: 'stall',
  summary: 'a server that stands still for 2 s of 20 s',
  expectedS: 22,
  async run({ signal, generators, scale, say }) {
    const [runS, stallS] = [20 * scale, 2 * scale]
    say(`a server that stands still for ${stallS} s of ${runS} s`)
    const path = `/stall?afterMs=${runS * 400}&ms=${stallS * 1000}`
    const { record } = await loadKnownServer([proofRequest(path)], proofLoad(200, runS, { warmupS: 0 }), {
      signal,
      generators,
    })
    const { p99, p999 } = record.latencyMs
    return [
      { q: 0.99, name: 'p99', measuredMs: p99 },
      { q: 0.999, name: 'p99.9', measuredMs: p999 },
    ].map(({ q, name, measuredMs }) =>
      rowOfMs(`a stall of ${stallS} s in ${runS} s: ${name}`, stallQuantileS(q, stallS, runS) * 1000, measuredMs, {
        relative: 0.05,
      }),
    )
  },
}
