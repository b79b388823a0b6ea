import { exponential } from '../../core/random.ts'
import { knownRandom, sampleQuantile } from './known-truth.ts'
import {
  loadKnownServer,
  PROOF_SEED,
  PROVEN_QUANTILES,
  proofLoad,
  proofRequest,
  rowOfCounts,
  rowOfMs,
  type Proof,
  type ProofRow,
} from './proof.ts'

interface KnownDelay {
  readonly what: string
  readonly path: string
  /** The delays of the first `count` requests. */
  readonly delaysMs: (count: number) => number[]
}

const SHORT_MS = 5
const LONG_MS = 50
/** Not a tenth, nor near it: p90 would then stand on the step between the two. */
const LONG_SHARE = 0.05
const MEAN_MS = 10

const KNOWN_DELAYS: readonly KnownDelay[] = [
  ...[0, 1, 5, 50].map((ms) => ({
    what: `a server of ${ms} ms`,
    path: `/wait?ms=${ms}`,
    delaysMs: (count: number) => Array<number>(count).fill(ms),
  })),
  {
    what: `a server of ${SHORT_MS} ms, in ${LONG_SHARE * 100} % of cases ${LONG_MS} ms`,
    path: `/two?short=${SHORT_MS}&long=${LONG_MS}&share=${LONG_SHARE}`,
    delaysMs: (count) => drawn(count, (random) => (random() < LONG_SHARE ? LONG_MS : SHORT_MS)),
  },
  {
    what: `a server of exponential delays, mean ${MEAN_MS} ms`,
    path: `/exponential?ms=${MEAN_MS}`,
    delaysMs: (count) => drawn(count, (random) => exponential(random, MEAN_MS)),
  },
]

/**
 * Known delays under an open loop: quantiles against the delays that the server really drew from its seed, counts
 * against the server's. What is measured holds the way there and back too, which is why 0.3 ms are allowed.
 */
export const delayProof: Proof = {
  name: 'known-delays',
  summary: 'servers of known delay, loaded at 200 requests/s',
  expectedS: 38,
  async run({ signal, generators, scale, say }) {
    const rows: ProofRow[] = []
    for (const { what, path, delaysMs } of KNOWN_DELAYS) {
      say(what)
      const { record, counts } = await loadKnownServer([proofRequest(path)], proofLoad(200, 4 * scale), {
        signal,
        generators,
      })
      const { sent, answered } = record.lifetime
      // Before those that count, the server drew for the one that looked whether it is there, and for the warm-up.
      const truthMs = delaysMs(sent).slice(-record.sent)
      for (const { q, name, of } of PROVEN_QUANTILES) {
        const goal = { relative: 0.01, absolute: 0.3 }
        rows.push(rowOfMs(`${what}: ${name}`, sampleQuantile(truthMs, q), of(record.latencyMs), goal))
      }
      rows.push(
        rowOfCounts(
          `${what}: counts`,
          { received: counts.arrived, answered: counts.answered },
          { received: sent, answered },
        ),
      )
    }
    return rows
  },
}

function drawn(count: number, draw: (random: () => number) => number): number[] {
  const random = knownRandom(PROOF_SEED)
  return Array.from({ length: count }, () => draw(random))
}
