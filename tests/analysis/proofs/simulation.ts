import type { Call, VerdictMetric } from '../../../core/records.ts'
import { type Random, seededRandom, standardNormal } from '../../../core/random.ts'
import { pairedLogRatio } from '../../../analysis/statistics/interval.ts'
import { decide } from '../../../analysis/comparison/verdict.ts'

/** Three candidates under three workloads against one baseline: the family of a default run. */
export const CANDIDATES = 3
export const WORKLOADS = 3
export const FAMILY: number = CANDIDATES * WORKLOADS

/** How the log of one trial's value scatters in one block. */
export type TrialNoise = (random: Random, block: number) => number

/** Calls of one simulated experiment on one metric: candidates of each workload share the baseline's trials. */
export function simulateExperiment(
  random: Random,
  shape: {
    readonly blocks: number
    readonly noise: TrialNoise
    readonly metric?: VerdictMetric
    /** Logarithm of the candidates' true ratio to the baseline. */
    readonly logRatio?: number
  },
): Call[] {
  const { blocks, noise, metric = 'throughput', logRatio = 0 } = shape
  return Array.from({ length: WORKLOADS }, () => {
    const baseline = values(random, blocks, noise)
    return Array.from({ length: CANDIDATES }, () => {
      const candidate = values(random, blocks, noise).map((value) => value * Math.exp(logRatio))
      return decide({ workload: 'w', metric, baseline: 'a', candidate: 'b' }, pairedLogRatio(baseline, candidate), {
        kind: blocks < 8 ? 'pilot' : 'full',
        family: FAMILY,
        droppedBlocks: 0,
      }).call
    })
  }).flat()
}

/** Normal noise of that standard deviation. */
export function normalNoise(sd: number): TrialNoise {
  return (random) => standardNormal(random) * sd
}

/** Share of `count` seeded repetitions in which something happened. */
export function shareOf(
  count: number,
  seed: number,
  happened: (random: Random, repetition: number) => boolean,
): number {
  const random = seededRandom(seed)
  let yes = 0
  for (let repetition = 0; repetition < count; repetition++) if (happened(random, repetition)) yes += 1
  return yes / count
}

/** True for the calls that claim a difference. */
export function claimsDifference(call: Call): boolean {
  return call === 'better' || call === 'worse'
}

/** True when the figures that docs/METHOD.md quotes are wanted, at the length that it says. */
export const WITH_FIGURES: boolean = process.env['FORKWISE_FIGURES'] === '1'

/** Prints a figure that docs/METHOD.md quotes, when FORKWISE_FIGURES=1. */
export function figure(what: string, share: number): void {
  if (WITH_FIGURES) console.info(`${what}: ${(share * 100).toFixed(2)} %`)
}

function values(random: Random, blocks: number, noise: TrialNoise): number[] {
  return Array.from({ length: blocks }, (_, block) => Math.exp(noise(random, block)))
}
