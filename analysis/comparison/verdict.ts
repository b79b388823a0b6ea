import {
  type Call,
  type Estimate,
  type Looks,
  UNBOUNDED,
  type Verdict,
  type VerdictMetric,
} from '../../core/records.ts'
import { nominalTail } from '../statistics/group-sequential.ts'
import { blockStandardDeviation, fromLogs, halfWidthAt, type LogEstimate } from '../statistics/interval.ts'
import { blocksToEquate, blocksToFind, MOST_BLOCKS } from '../statistics/power.ts'
import { hodgesLehmann, type RobustCentre } from '../statistics/signed-rank.ts'
import { logThreshold, ruleOf, thresholdText } from './verdict-metrics.ts'
import { boundsText, countText, ratioText } from '../wording.ts'

/** Confidence of the intervals that decide on `better` and `worse`, for the whole family of comparisons. */
export const CONFIDENCE = 0.95

/** Confidence of the interval that decides on `same`: two one-sided tests at 5 %. */
export const EQUIVALENCE_CONFIDENCE = 0.9

/** Blocks that a full run needs for a call where it may not end earlier. */
export const LEAST_BLOCKS = 8

/** Blocks that a pilot needs for a call. */
export const LEAST_PILOT_BLOCKS = 3

/** Which two models are compared, on what. */
export interface Comparison {
  readonly workload: string
  readonly metric: VerdictMetric
  readonly baseline: string
  readonly candidate: string
}

/** What a decision depends on besides the measured ratio. */
export interface DecisionRules {
  readonly kind: 'pilot' | 'full'
  /** At which looks it may be called, and whether this is the last; absent = there is no other. */
  readonly looks?: Looks & { readonly isLast: boolean }
  /** Number of comparisons of this metric in the run: they share the error rate. */
  readonly family: number
  /** Blocks that the gates dropped: the reason when too few are left. */
  readonly droppedBlocks: number
  /** A reason, known from elsewhere, to make no call at all (a whole sentence part: "the A/A control …"). */
  readonly withheld?: string
  /** True when that reason is that too little was measured. */
  readonly scarce?: boolean
  /** A reason why equality would say nothing about the models, so that `same` must not be called. */
  readonly notSame?: string
  /** Added to the sentence of a `better` or `worse`. */
  readonly caveat?: string
}

/**
 * Calls a comparison better, worse, same or inconclusive. The rules:
 * - different (better or worse for the user): the interval of 95 % for the whole family excludes 1 and the estimate is
 *   at least the metric's threshold δ away from it;
 * - same: the 90 % interval lies within 1/(1 + δ) … 1 + δ (two one-sided tests, Schuirmann 1987);
 * - the Hodges-Lehmann estimate must make the same call, else inconclusive: then a few blocks far from the rest decide;
 * - inconclusive otherwise, with the number of blocks that would settle it or the reason why none would.
 *
 * The family is all comparisons of one metric in a run (candidates × workloads), by Bonferroni: intervals and calls are
 * then the same statement, which step-down procedures such as Holm's do not give. Where a run looks at its blocks as it goes
 * (`rules.looks`), each look has its part of the error rates ({@link nominalTail}), so that they hold over all looks.
 */
export function decide(comparison: Comparison, ratio: LogEstimate, rules: DecisionRules): Verdict {
  const blocks = ratio.values.length
  const evidence = weigh(comparison.metric, ratio, rules)
  const least = leastBlocks(rules)
  const outcome =
    rules.withheld !== undefined
      ? { call: 'inconclusive' as const, because: `Withheld: ${rules.withheld}.`, blocksNeeded: null }
      : blocks < least
        ? tooFewBlocks(blocks, least, rules)
        : judge(comparison, evidence, rules)
  return {
    ...comparison,
    ratio: { ...evidence.interval, confidence: CONFIDENCE },
    family: rules.family,
    equivalence: evidence.equivalence,
    robust: evidence.robustRatio,
    blocks,
    ...outcome,
    ...(rules.scarce === true || (rules.withheld === undefined && blocks < least) ? { scarce: true } : {}),
  }
}

/** Blocks that a call needs. */
export function leastBlocks({ kind, looks }: { readonly kind: 'pilot' | 'full'; readonly looks?: Looks }): number {
  return kind === 'pilot' ? LEAST_PILOT_BLOCKS : (looks?.from ?? LEAST_BLOCKS)
}

/** Half widths of the intervals of a ratio of so many blocks, on the log scale: of the family, and of one comparison for `same`. */
export function halfWidthsOf(
  ratio: Pick<LogEstimate, 'standardError' | 'degrees'>,
  { family, looks }: Pick<DecisionRules, 'family' | 'looks'>,
  blocks: number,
): { readonly interval: number; readonly equivalence: number } {
  const at = (tail: number): number => (looks === undefined ? tail : nominalTail(tail, { ...looks, blocks }))
  return {
    interval: halfWidthAt(ratio, at((1 - CONFIDENCE) / (2 * family))),
    equivalence: halfWidthAt(ratio, at((1 - EQUIVALENCE_CONFIDENCE) / 2)),
  }
}

/** Everything that the ratio says, before any rule is applied. */
interface Evidence {
  readonly ratio: LogEstimate
  readonly sd: number
  readonly logDelta: number
  readonly interval: Estimate
  readonly equivalence: Estimate
  readonly robustRatio: Estimate
  readonly excludesOne: boolean
  readonly reachesThreshold: boolean
  readonly withinThreshold: boolean
  readonly robustAgreesOnDifference: boolean
  readonly robustAgreesOnSameness: boolean
}

type Outcome = Pick<Verdict, 'because' | 'blocksNeeded'> & { readonly call: Call }

function weigh(metric: VerdictMetric, ratio: LogEstimate, rules: DecisionRules): Evidence {
  const logDelta = logThreshold(metric)
  const { interval: half, equivalence: equivalenceHalf } = halfWidthsOf(ratio, rules, ratio.values.length)
  const robust = hodgesLehmann(ratio.values)
  return {
    ratio,
    sd: blockStandardDeviation(ratio),
    logDelta,
    interval: fromLogs(ratio.log, half),
    equivalence: fromLogs(ratio.log, equivalenceHalf),
    robustRatio: robustEstimate(robust),
    excludesOne: Math.abs(ratio.log) > half,
    reachesThreshold: Math.abs(ratio.log) >= logDelta,
    withinThreshold: Math.abs(ratio.log) + equivalenceHalf <= logDelta,
    robustAgreesOnDifference: robustlyDifferent(robust, Math.sign(ratio.log), logDelta),
    robustAgreesOnSameness: robustlySame(robust, logDelta),
  }
}

function judge(comparison: Comparison, evidence: Evidence, rules: DecisionRules): Outcome {
  if (evidence.excludesOne && evidence.reachesThreshold) {
    return evidence.robustAgreesOnDifference
      ? different(comparison, evidence, rules)
      : disagreement(comparison, evidence)
  }
  if (evidence.withinThreshold) {
    if (!evidence.robustAgreesOnSameness) return disagreement(comparison, evidence)
    return rules.notSame === undefined
      ? same(comparison, evidence)
      : {
          call: 'inconclusive',
          because: `${measured(comparison, evidence)}, but ${rules.notSame}.`,
          blocksNeeded: null,
        }
  }
  return undecided(comparison, evidence, rules)
}

function different(comparison: Comparison, evidence: Evidence, rules: DecisionRules): Outcome {
  const better = evidence.ratio.log > 0 === ruleOf(comparison.metric).higherIsBetter
  const caveat = rules.caveat === undefined ? '' : `; ${rules.caveat}`
  return {
    call: better ? 'better' : 'worse',
    because: `${measured(comparison, evidence)}, which excludes 1 and passes the ${thresholdText(comparison.metric)} that count${caveat}.`,
    blocksNeeded: null,
  }
}

function same(comparison: Comparison, evidence: Evidence): Outcome {
  const range = fromLogs(0, evidence.logDelta)
  return {
    call: 'same',
    because: `${measured(comparison, evidence)}, and the 90 % interval ${boundsText(evidence.equivalence)} lies within ${boundsText(range)}: less than the ${thresholdText(comparison.metric)} that count.`,
    blocksNeeded: null,
  }
}

function undecided(comparison: Comparison, evidence: Evidence, rules: DecisionRules): Outcome {
  const { ratio, sd, logDelta } = evidence
  const delta = thresholdText(comparison.metric)
  const least = Math.max(ratio.values.length + 1, leastBlocks(rules))
  const blocksNeeded = evidence.reachesThreshold
    ? blocksToFind(logDelta, sd, CONFIDENCE, rules.family, least)
    : blocksToEquate(ratio.log, logDelta, sd, least)
  const open = evidence.excludesOne
    ? `there is a difference, but perhaps a smaller one than the ${delta} that count`
    : `neither equality nor a difference of ${delta} is excluded`
  const remedy =
    blocksNeeded !== null
      ? `about ${countText(blocksNeeded, 'block')} in all would settle it`
      : Math.abs(ratio.log) > logDelta / 2 && !evidence.reachesThreshold
        ? `the difference lies too close to the threshold of ${delta} for any number of blocks up to ${MOST_BLOCKS} to settle it`
        : `it cannot be resolved here, since with a between-block SD of ${Math.round(Math.expm1(sd) * 100)} % from block to block a difference of ${delta} needs more than ${MOST_BLOCKS} blocks`
  return { call: 'inconclusive', because: `${measured(comparison, evidence)}: ${open}; ${remedy}.`, blocksNeeded }
}

function disagreement(comparison: Comparison, evidence: Evidence): Outcome {
  return {
    call: 'inconclusive',
    because: `${measured(comparison, evidence)}, but the Hodges-Lehmann estimate ${ratioText(evidence.robustRatio.estimate)} (${boundsText(evidence.robustRatio)}) makes another call: a few blocks lie far from the rest; a less busy machine or more blocks would settle it.`,
    blocksNeeded: null,
  }
}

function tooFewBlocks(blocks: number, least: number, rules: DecisionRules): Outcome {
  const have = `only ${countText(blocks, 'block')} with valid trials of both models ${blocks === 1 ? 'is' : 'are'} left, ${least} are needed`
  const cause =
    rules.droppedBlocks > 0
      ? `host too noisy, ${countText(rules.droppedBlocks, 'block')} dropped`
      : 'more blocks are needed'
  return { call: 'inconclusive', because: `${capital(cause)}: ${have}.`, blocksNeeded: least }
}

/** `cluster has 1.86× the throughput of single (95 % 1.81–1.91, 10 blocks)`. */
function measured({ metric, baseline, candidate }: Comparison, { interval, ratio }: Evidence): string {
  return `${candidate} has ${ratioText(interval.estimate)} the ${ruleOf(metric).words} of ${baseline} (95 % ${boundsText(interval)}, ${countText(ratio.values.length, 'block')})`
}

/** On the same side, at least as far as the threshold, and, where so few values can exclude anything, excluding 1. */
function robustlyDifferent({ centre, interval }: RobustCentre, side: number, logDelta: number): boolean {
  const { low, high } = interval(CONFIDENCE)
  return centre * side >= logDelta && (low === -Infinity || low > 0 || high < 0)
}

function robustlySame({ centre, interval }: RobustCentre, logDelta: number): boolean {
  const { low, high } = interval(EQUIVALENCE_CONFIDENCE)
  return Math.abs(centre) <= logDelta && (low === -Infinity || (low >= -logDelta && high <= logDelta))
}

function robustEstimate({ centre, interval }: RobustCentre): Estimate {
  const { low, high } = interval(CONFIDENCE)
  return { estimate: Math.exp(centre), low: Math.exp(low), high: Math.min(UNBOUNDED, Math.exp(high)) }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
