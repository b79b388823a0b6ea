import { ForkwiseError } from '../core/errors.ts'
import type { VerdictMetric } from '../core/records.ts'
import { comparedModels, measuredRatios } from './measured-ratios.ts'
import { observe, type RunRecords } from './observations.ts'
import { scatterOf } from './statistics/interval.ts'
import { resolvableRatio } from './statistics/power.ts'
import { median } from './statistics/sample.ts'
import { CONFIDENCE, LEAST_BLOCKS, LEAST_PILOT_BLOCKS } from './verdict.ts'
import { logThreshold, METRIC_RULES, ruleOf } from './verdict-metrics.ts'
import { listText } from './wording.ts'

/** Scatter of the log-ratio of two models from block to block (a standard deviation), by metric. */
export type Scatter = Readonly<Partial<Record<VerdictMetric, number>>>

/**
 * What is assumed before anything was measured: the upper end of a quiet host. Block-to-block sd of one model is 0.3–1.5 %
 * for CPU per request and from 0.2 % up for throughput (2 shared cores, Node 20, 2025); a ratio of two has √2 times as
 * much. Latencies have no such figure: they depend on the load.
 */
export const QUIET_HOST_SCATTER: Scatter = { throughput: 0.015 * Math.SQRT2, 'cpu-per-request': 0.015 * Math.SQRT2 }

/** How large a comparison is to be. */
export interface BudgetRequest {
  /** Seconds that the whole run may take. */
  readonly budgetS: number
  /** Seconds that one trial takes, launch and warm-up included. */
  readonly trialS: number
  /** Seconds before the first block. */
  readonly pilotS: number
  /** Numbers of models (the baseline included) and of workloads. */
  readonly models: number
  readonly workloads: number
  /** Share of the blocks in which the baseline is launched twice. */
  readonly sentinelShare: number
  /** Scatter measured before; absent: {@link QUIET_HOST_SCATTER} is assumed. */
  readonly scatter?: Scatter
}

/** What a budget buys. */
export interface BudgetPlan {
  readonly kind: 'pilot' | 'full'
  readonly blocks: number
  readonly expectedS: number
  readonly resolution: Resolution
}

/** What a number of blocks will be able to tell, said before the first one. */
export interface Resolution {
  /** Smallest relative difference found with 80 % probability, by metric: 0.05 = 5 %. */
  readonly differences: readonly { readonly metric: VerdictMetric; readonly difference: number }[]
  /** The same in one sentence, with what it rests on. */
  readonly sentence: string
}

/** Most blocks that a budget is turned into; more time then goes into longer slices. */
const MOST_BLOCKS = 40

/**
 * Turns a time budget into blocks and says what they will resolve. Throws a usage error, with the budget that would do,
 * when not even a pilot fits.
 */
export function planBlocks(request: BudgetRequest): BudgetPlan {
  const blockS = request.workloads * (request.models + request.sentinelShare) * request.trialS
  const blocks = Math.min(MOST_BLOCKS, Math.floor((request.budgetS - request.pilotS) / blockS))
  if (!(blocks >= LEAST_PILOT_BLOCKS)) {
    const leastS = Math.ceil(request.pilotS + LEAST_PILOT_BLOCKS * blockS)
    throw new ForkwiseError('USAGE', {
      message: `Expected a budget of at least ${leastS} s for ${LEAST_PILOT_BLOCKS} blocks of ${request.models} models × ${request.workloads} workloads, got ${request.budgetS} s.`,
      hint: 'Give more time, or compare fewer models or workloads.',
    })
  }
  return {
    kind: blocks >= LEAST_BLOCKS ? 'full' : 'pilot',
    blocks,
    expectedS: Math.round(request.pilotS + blocks * blockS),
    resolution: resolutionOf(blocks, request.models, request.workloads, request.scatter),
  }
}

/**
 * What a number of blocks will be able to tell: the smallest difference that is called with 80 % probability, given the
 * scatter from block to block and a family of (models − 1) × workloads comparisons.
 */
export function resolutionOf(blocks: number, models: number, workloads: number, scatter?: Scatter): Resolution {
  const family = Math.max(1, (models - 1) * workloads)
  const used = scatter ?? QUIET_HOST_SCATTER
  const differences = METRIC_RULES.flatMap(({ metric }) => {
    const sd = used[metric]
    if (sd === undefined) return []
    return [{ metric, difference: resolvableRatio(blocks, sd, CONFIDENCE, family, logThreshold(metric)) - 1 }]
  })
  const told = differences.map(({ metric, difference }) => `${differenceText(difference)} in ${ruleOf(metric).words}`)
  const basis = scatter === undefined ? 'if the host stays quiet' : 'with the scatter measured before'
  const sentence =
    told.length === 0
      ? 'What can be told is not known before the first blocks.'
      : `${blocks} blocks will tell differences from ${listText(told)} on, in four cases of five, ${basis}.`
  return { differences, sentence }
}

/** The scatter that an earlier run of the same kind had: for each metric the median over its comparisons. */
export function scatterIn(run: RunRecords): Scatter {
  const observations = observe(run.trials, run.blocks, run.histograms)
  const ratios = measuredRatios(run.manifest, comparedModels(run.manifest, run.pilot), observations)
  return Object.fromEntries(
    METRIC_RULES.flatMap(({ metric }) => {
      const scatters = ratios
        .filter((one) => one.metric === metric && one.evidence !== null)
        .map(({ evidence }) => (evidence === null ? Number.NaN : scatterOf(evidence.ratio)))
        .filter(Number.isFinite)
      return scatters.length === 0 ? [] : [[metric, median(scatters)]]
    }),
  )
}

function differenceText(difference: number): string {
  return difference >= 0.095 ? `${Math.round(difference * 100)} %` : `${(difference * 100).toFixed(1)} %`
}
