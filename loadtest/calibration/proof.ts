import type { LatencySummary, LoadRecord, OpenLoad, WorkloadRequest } from '../../core/load.ts'
import { significant } from '../../core/quantities.ts'
import type { Certificate } from '../../core/records.ts'
import type { DriverOptions } from '../driver.ts'
import { runOpenLoad } from '../drivers/open.ts'
import type { GeneratorProcesses } from '../generator-processes.ts'
import { startKnownServer, type KnownServer } from './known-server-process.ts'

/** One line of a certificate: what was tried, what is true, what was measured. */
export type ProofRow = Certificate['rows'][number]

/** Surroundings of a proof. */
export interface ProofContext {
  readonly signal: AbortSignal
  /** Generator processes that stay from load to load, as in every experiment. */
  readonly generators: GeneratorProcesses
  /** 1 for a certificate; tests take less of everything and wider goals. */
  readonly scale: number
  /** Says what is being tried. */
  readonly say: (text: string) => void
}

/** One group of proofs that needs the machine to itself. */
export interface Proof {
  readonly name: string
  readonly summary: string
  /** Seconds it takes at scale 1. */
  readonly expectedS: number
  run(context: ProofContext): Promise<readonly ProofRow[]>
}

/** A goal for a number: an error of at most a share of the truth, or at most an amount in its unit, whichever is wider. */
export interface Goal {
  readonly relative?: number
  readonly absolute?: number
}

/** A row about a number in milliseconds, judged by a goal. */
export function rowOfMs(proof: string, truthMs: number, measuredMs: number | null, goal: Goal): ProofRow {
  const allowed = Math.max((goal.relative ?? 0) * truthMs, goal.absolute ?? 0)
  const error = measuredMs === null ? Number.POSITIVE_INFINITY : measuredMs - truthMs
  const relative = goal.relative === undefined ? '' : `${significant(goal.relative * 100)} %`
  const absolute = goal.absolute === undefined ? '' : `${significant(goal.absolute)} ms`
  return {
    proof,
    truth: `${significant(truthMs)} ms`,
    measured: measuredMs === null ? 'nothing' : `${significant(measuredMs)} ms`,
    error: `${error >= 0 ? '+' : '−'}${significant(Math.abs(error))} ms`,
    goal: [relative, absolute].filter((part) => part !== '').join(' or '),
    passed: Math.abs(error) <= allowed,
  }
}

/** A row about counts that must be exactly what they are. */
export function rowOfCounts(proof: string, truth: Record<string, number>, measured: Record<string, number>): ProofRow {
  const off = Object.keys(truth).filter((name) => truth[name] !== measured[name])
  const words = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')
  return {
    proof,
    truth: words(truth),
    measured: words(measured),
    error:
      off.length === 0 ? 'none' : off.map((name) => `${name} ${(measured[name] ?? 0) - (truth[name] ?? 0)}`).join(', '),
    goal: 'exact',
    passed: off.length === 0,
  }
}

/** The quantiles that proofs look at. */
export const PROVEN_QUANTILES: readonly {
  readonly q: number
  readonly name: string
  readonly of: (summary: LatencySummary) => number | null
}[] = [
  { q: 0.5, name: 'p50', of: ({ p50 }) => p50 },
  { q: 0.9, name: 'p90', of: ({ p90 }) => p90 },
  { q: 0.99, name: 'p99', of: ({ p99 }) => p99 },
]

/** Seeds of proofs: their truths are computed from them. */
export const PROOF_SEED = 20_261

/** Most seconds of load before a proof counts: what it is about is the generator, not a Node that has just started. */
const WARMUP_S = 2

/** An open load for a proof, counted after a warm-up (as long as what counts, 2 s at most). */
export function proofLoad(ratePerS: number, durationS: number, more: Partial<OpenLoad> = {}): OpenLoad {
  return {
    kind: 'open',
    ratePerS,
    arrivals: 'poisson',
    durationS,
    warmupS: Math.min(WARMUP_S, durationS),
    timeoutS: 10,
    seed: PROOF_SEED,
    maxConnections: 1000,
    ...more,
  }
}

/** Requests for one path of the server of known behaviour. */
export function proofRequest(path: string, more: Partial<WorkloadRequest> = {}): WorkloadRequest {
  return { route: path, method: 'GET', path, weight: 1, expectStatus: 200, ...more }
}

/** Runs an open load against a fresh server of known behaviour, which is gone afterwards. */
export async function loadKnownServer(
  requests: readonly WorkloadRequest[],
  load: OpenLoad,
  options: DriverOptions,
): Promise<{ record: LoadRecord; counts: Awaited<ReturnType<KnownServer['counts']>> }> {
  const server = await startKnownServer(PROOF_SEED, true)
  try {
    const record = await runOpenLoad([server.url], { id: 'proof', requests }, load, options, 1)
    return { record, counts: await server.counts() }
  } finally {
    await server.stop()
  }
}
