import type { Looks, VerdictMetric } from '../../core/records.ts'
import { nominalTail } from '../statistics/group-sequential.ts'
import { resolvableRatio } from '../statistics/power.ts'
import { CONFIDENCE } from './verdict.ts'
import { logThreshold, METRIC_RULES, ruleOf } from './verdict-metrics.ts'
import { listText } from '../wording.ts'

/** What the requests of a workload mostly cost. */
export type WorkloadKind = 'cpu' | 'io' | 'mixed'

/** BlockSd of the log-ratio of two models from block to block (a standard deviation), by metric. */
export type BlockSd = Readonly<Partial<Record<VerdictMetric, number>>>

/**
 * The scatter of one-second slices on an idle host of 2 cores that generator and server share: the median over three
 * comparisons of a default run (AMD EPYC, Node 20.20, 2026-11-24; `mixed` from four blocks). Ratios of work that waits
 * scatter more, since what the cores do then hangs on how the waiting falls together. Latencies have no such figure: they
 * depend on the load.
 */
export const IDLE_HOST_SD: Readonly<Record<WorkloadKind, BlockSd>> = {
  cpu: { throughput: 0.015, 'cpu-per-request': 0.012 },
  io: { throughput: 0.07, 'cpu-per-request': 0.06 },
  mixed: { throughput: 0.1, 'cpu-per-request': 0.1 },
}

/** One workload of a plan. */
export interface PlannedWorkload {
  readonly id: string
  readonly kind: WorkloadKind
}

/** What a number of blocks can detect, known before the first one. */
export interface Resolution {
  /** Smallest relative difference found with 80 % probability: 0.05 = 5 %. */
  readonly differences: readonly {
    readonly workload: string
    readonly metric: VerdictMetric
    readonly difference: number
  }[]
  /** The same in one sentence, with what it rests on. */
  readonly sentence: string
}

/** What else a resolution depends on. */
export interface ResolutionTerms {
  readonly blockSd?: Readonly<Record<WorkloadKind, BlockSd>>
  /** The looks that leave the last one less than the whole error rate; absent = there is one look. */
  readonly looks?: Looks
}

/**
 * What a number of blocks can detect: for each workload the smallest difference that is called with 80 %
 * probability, given the scatter of its kind and a family of (models − 1) × workloads comparisons.
 */
export function resolutionOf(
  blocks: number,
  models: number,
  workloads: readonly PlannedWorkload[],
  { blockSd = IDLE_HOST_SD, looks }: ResolutionTerms = {},
): Resolution {
  const family = Math.max(1, (models - 1) * workloads.length)
  const tail = (1 - CONFIDENCE) / (2 * family)
  const atLast = looks === undefined ? tail : nominalTail(tail, { ...looks, blocks, isLast: true })
  const confidence = 1 - 2 * family * atLast
  const differences = METRIC_RULES.flatMap(({ metric }) =>
    workloads.flatMap(({ id, kind }) => {
      const sd = blockSd[kind][metric]
      if (sd === undefined) return []
      const ratio = resolvableRatio(blocks, sd, confidence, family, logThreshold(metric))
      return [{ workload: id, metric, difference: ratio - 1 }]
    }),
  )
  const detectable = [...new Set(differences.map(({ metric }) => metric))].map((metric) => {
    const own = differences.filter((one) => one.metric === metric)
    return `in ${ruleOf(metric).words} from ${listText(own.map((one) => `${differenceText(one.difference)} (${one.workload})`))} on`
  })
  return {
    differences,
    sentence:
      models < 2 || detectable.length === 0
        ? 'With one model nothing is compared.'
        : `${blocks} blocks can detect differences ${detectable.join(' and ')} with 80 % power, while other programs stay idle.`,
  }
}

function differenceText(difference: number): string {
  return difference >= 0.095 ? `${Math.round(difference * 100)} %` : `${(difference * 100).toFixed(1)} %`
}
