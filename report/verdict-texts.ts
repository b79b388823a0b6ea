import { ruleOf } from '../analysis/comparison/verdict-metrics.ts'
import { countText } from '../analysis/wording.ts'
import type { TimelineVerdict } from '../core/timeline.ts'
import { callOf, figureText, ratioFigure } from './figures.ts'

/** A verdict in words: what is compared, the ratio with its interval and blocks, the call. */
export interface VerdictTexts {
  readonly subject: string
  readonly ratio: string
  readonly call: string
}

/** What verdicts that are shown while a run lasts are worth. */
export function verdictsNote(final: boolean): string {
  return final
    ? 'As the report of the run has them.'
    : 'Provisional: by the rules of the report from the blocks so far. Who looks early finds differences that are none; the run decides at its end.'
}

/** A verdict as the page and the terminal show it; before the end its call is marked as provisional. */
export function verdictTexts(verdict: TimelineVerdict, final: boolean): VerdictTexts {
  const { workload, metric, baseline, candidate, ratio, blocks } = verdict
  const { word } = callOf(verdict)
  return {
    subject: `${workload}: ${ruleOf(metric).words}, ${candidate} ÷ ${baseline}`,
    ratio: `${figureText(ratioFigure(ratio))}, ${blocks === 0 ? 'no block kept' : countText(blocks, 'block')}`,
    call: final ? word : `${word}, provisional`,
  }
}

/** A final verdict in one line. */
export function verdictLine(verdict: TimelineVerdict): string {
  const { subject, ratio, call } = verdictTexts(verdict, true)
  return `${subject}: ${ratio}, ${call}`
}
