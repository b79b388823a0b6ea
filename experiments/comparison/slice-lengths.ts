import { LEAST_SAMPLES_ABOVE } from '../../analysis/comparison/evidence.ts'
import type { ExperimentPlan, SliceSeconds } from '../../core/records.ts'

/** What the pilot has found out about a workload that says how long its slices should be. */
export interface SlicePace {
  readonly workload: string
  /** Rate of its latency slices; 0 = it has none. */
  readonly ratePerS: number
  /** Longest time, over the models, in which a saturated server answers as many requests as it has connections, in seconds. */
  readonly waveS: number
}

/** Quantiles in the order in which time is given to them: a lower one of every workload comes before a higher one of any. */
const QUANTILES = [0.5, 0.95, 0.99]

/** Requests come by chance, and a late one is left out: so many more are planned than are needed. */
const SPARE = 1.08

/**
 * With many connections the answers of a closed loop come in waves, of which a slice should see several: the rate over a
 * part of one depends on where the slice began.
 */
const WAVES = 3

/** No slice is shorter than this, in seconds. */
const LEAST_S = { saturation: 0.4, latency: 0.25 } as const
/** Nor longer. */
const MOST_S = 10

/**
 * Deals the time of the plan's slices, which is its lengths for each workload on average, to the workloads by what
 * decides there. A latency slice: a quantile q is decided from {@link LEAST_SAMPLES_ABOVE} answers above it in all blocks
 * of a model, which takes n / ((1 − q) · blocks · rate) seconds a slice. A slice at saturation: several waves. Either is
 * given to the workloads that need the least for it, as far as the time goes; what is left is shared equally. All of it
 * is known before any figure that is compared, so that nothing is chosen by its result.
 */
export function dealSliceSeconds(
  plan: Pick<ExperimentPlan, 'saturationS' | 'latencyS' | 'blocks'>,
  paces: readonly SlicePace[],
): Record<string, SliceSeconds> {
  const loaded = paces.filter(({ ratePerS }) => ratePerS > 0)
  const waves = paces.map(({ workload, waveS }) => ({ workload, needS: Math.min(MOST_S, WAVES * waveS) }))
  const quantiles = QUANTILES.map((quantile) =>
    loaded.map(({ workload, ratePerS }) => ({ workload, needS: neededSeconds(quantile, ratePerS, plan.blocks) })),
  )
  const saturation = deal(plan.saturationS, LEAST_S.saturation, workloadsOf(paces), [waves])
  const latency = deal(plan.latencyS, LEAST_S.latency, workloadsOf(loaded), quantiles)
  return Object.fromEntries(
    workloadsOf(paces).map((workload) => [
      workload,
      { saturationS: saturation.get(workload) ?? 0, latencyS: latency.get(workload) ?? 0 },
    ]),
  )
}

interface Need {
  readonly workload: string
  readonly needS: number
}

/** Deals `meanS` for each workload: the least to all, then each round of needs, the smallest first, then the rest equally. */
function deal(
  meanS: number,
  leastS: number,
  workloads: readonly string[],
  rounds: readonly (readonly Need[])[],
): ReadonlyMap<string, number> {
  const seconds = new Map(workloads.map((workload) => [workload, Math.min(leastS, meanS)]))
  let leftS = workloads.length * meanS - sum(seconds.values())
  for (const needs of rounds) {
    for (const { workload, needS } of needs.toSorted((a, b) => a.needS - b.needS)) {
      const moreS = needS - (seconds.get(workload) ?? 0)
      if (moreS <= 0) continue
      if (moreS > leftS || needS > MOST_S) break
      seconds.set(workload, needS)
      leftS -= moreS
    }
  }
  const shareS = leftS / workloads.length
  return new Map([...seconds].map(([workload, s]) => [workload, Number(Math.min(MOST_S, s + shareS).toFixed(2))]))
}

/** Seconds of one slice after which enough answers lie above a quantile in all blocks together. */
function neededSeconds(quantile: number, ratePerS: number, blocks: number): number {
  return (SPARE * LEAST_SAMPLES_ABOVE) / ((1 - quantile) * blocks * ratePerS)
}

function workloadsOf(paces: readonly SlicePace[]): string[] {
  return paces.map(({ workload }) => workload)
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0)
}
