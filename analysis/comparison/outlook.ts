import { blockStandardDeviation, type LogEstimate } from '../statistics/interval.ts'
import { LEAST_SAMPLES_ABOVE, type RatioEvidence } from './evidence.ts'
import { type Comparison, decide, type DecisionRules, halfWidthsOf } from './verdict.ts'
import { logThreshold } from './verdict-metrics.ts'

/**
 * What more blocks can do for a comparison: nothing, since it is called; call it (`open`); or nothing, since what they could
 * show is too far from what was seen (`closed`).
 */
export type Outlook = 'called' | 'open' | 'closed'

/** An estimate is taken for as much more favourable than it is, in standard errors, before a comparison is given up. */
const FAVOUR = 1
/** The scatter from block to block is taken for as much smaller. */
const STEADIER = 0.8

/** Blocks that a workload may hope for, as a multiple of the planned ones. */
const REACH = 1.5

/**
 * The outlook of a comparison after a look. It never makes a call and only ends blocks, so that it costs no error rate (a
 * non-binding futility rule); but an end before something would have been called costs a verdict, so that favour is given:
 * {@link FAVOUR}, {@link STEADIER} and {@link REACH}.
 */
export function outlookOf(
  comparison: Comparison,
  { ratio, samplesAbove }: RatioEvidence,
  rules: DecisionRules & { readonly looks: NonNullable<DecisionRules['looks']> },
): Outlook {
  if (decide(comparison, ratio, rules).call !== 'inconclusive') return 'called'
  const most = Math.ceil(REACH * rules.looks.planned)
  const blocks = ratio.values.length
  if (blocks < 2) return 'open'
  if (samplesAbove !== null && (samplesAbove * most) / blocks < LEAST_SAMPLES_ABOVE) return 'closed'
  // An A/A control that differed, or a quantile without its samples, says nothing about the width that can be reached.
  if (rules.withheld !== undefined) return 'open'
  for (let more = blocks + 1; more <= most; more++) {
    if (isInReach(comparison, ratio, rules, more)) return 'open'
  }
  return 'closed'
}

function isInReach(
  { metric }: Comparison,
  ratio: LogEstimate,
  { family, notSame, looks }: Parameters<typeof outlookOf>[2],
  blocks: number,
): boolean {
  const later = {
    standardError: (STEADIER * blockStandardDeviation(ratio)) / Math.sqrt(blocks),
    degrees: ratio.degrees + blocks - ratio.values.length,
  }
  const half = halfWidthsOf(later, { family, looks: { ...looks, isLast: blocks >= looks.planned } }, blocks)
  const [distance, favour, delta] = [Math.abs(ratio.log), FAVOUR * ratio.standardError, logThreshold(metric)]
  const mayDiffer = distance + favour >= Math.max(delta, half.interval)
  const mayBeSame = notSame === undefined && Math.max(0, distance - favour) + half.equivalence <= delta
  return mayDiffer || mayBeSame
}
