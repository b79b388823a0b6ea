import { availableParallelism } from 'node:os'
import type { OpenLoad } from '../core/load.ts'
import { startKnownServer } from './calibration/known-server-process.ts'
import { runGenerators } from './generator.ts'

/** Share of what a generator process can send at most that it is asked for: below, its own queueing stays small. */
const SAFE_SHARE = 0.6
/** Trials before a rate is said to be out of reach. */
const MOST_TRIALS = 3
/** At this multiple of the ceiling, another trial does not bring a rate within reach. */
const FAR_OFF = 5
/** 30,000 requests at a rate beyond any process, so that it is never idle, however long it takes for them. */
const TRIAL = { ratePerS: 150_000, durationS: 0.2, timeoutS: 3 } as const

/** What the open-loop generator can do on this machine. */
export interface GeneratorCeiling {
  /** What one process can send with a core of its own: 1 ÷ its CPU time for a request and its answer. */
  readonly measuredPerS: number
  /** What one process is asked for at most: 60 % of it. */
  readonly perProcessRatePerS: number
  /** As many processes as there are pairs of cores, since the server needs some too. */
  readonly processes: number
  readonly ratePerS: number
}

/** The best trial of this process so far. */
let best: GeneratorCeiling | null = null

/**
 * Measures how many requests a second the generator can send to a server that does nothing. It goes by CPU time, so that
 * neighbours who take the core away hardly make the generator look slow, and is measured once in this process; only when
 * that is less than what is asked for, it is tried again, as noise can only take from it.
 */
export async function generatorCeiling(neededPerS: number): Promise<GeneratorCeiling> {
  let ceiling = best ?? (await measureCeiling())
  for (
    let trial = 1;
    trial < MOST_TRIALS && ceiling.ratePerS < neededPerS && neededPerS < FAR_OFF * ceiling.ratePerS;
    trial++
  ) {
    const found = await measureCeiling()
    if (found.ratePerS > ceiling.ratePerS) ceiling = found
  }
  best = ceiling
  return ceiling
}

async function measureCeiling(): Promise<GeneratorCeiling> {
  const server = await startKnownServer()
  try {
    const load: OpenLoad = {
      ...TRIAL,
      kind: 'open',
      arrivals: 'constant',
      seed: 1,
      maxConnections: 64,
    }
    const [part] = await runGenerators(
      [
        {
          targets: [server.url.origin],
          requests: [{ route: 'now', method: 'GET', path: '/now', weight: 1, expectStatus: 200 }],
          load,
          closesSilently: false,
          share: { index: 0, of: 1 },
        },
      ],
      { signal: new AbortController().signal },
    )
    const measuredPerS = (part?.lifetime.sent ?? 0) / Math.max(part?.lifetimeCpuS ?? 0, 1e-3)
    const perProcessRatePerS = Math.floor(measuredPerS * SAFE_SHARE)
    const processes = Math.max(1, Math.floor(availableParallelism() / 2))
    return { measuredPerS, perProcessRatePerS, processes, ratePerS: perProcessRatePerS * processes }
  } finally {
    await server.stop()
  }
}
