import { ruleOf } from '../../../analysis/comparison/verdict-metrics.ts'
import type { Verdict } from '../../../core/records.ts'
import { callOf, figureText, NOTHING, ratioFigure } from '../../figures.ts'
import { forest } from '../charts/forest.ts'
import { lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup, type Markup, prose } from '../markup.ts'

/** Every ratio with its interval: what the calls rest on. */
export function comparisonsSection(context: ReportContext): Section | null {
  const { result, workloads } = context
  if (result.verdicts.length === 0) return null
  return {
    id: 'comparisons',
    title: 'How sure is that?',
    short: 'Certainty',
    body: markup`<p class="lead">Ratios to ${result.baseline}, block by block, with intervals that hold for all comparisons of a metric at once. An interval clear of 1× whose estimate is outside the shaded range is a difference; one within that range is none that counts; anything else is undecided.</p>
<div class="facets">${workloads.map(({ workload }, place) => facet(context, workload, place))}</div>`,
  }
}

function facet(context: ReportContext, workload: string, place: number): Markup | null {
  const verdicts = context.result.verdicts.filter((verdict) => verdict.workload === workload)
  if (verdicts.length === 0) return null
  const id = `comparisons-${slug(workload, place)}`
  const metrics = [...new Set(verdicts.map(({ metric }) => metric))]
  const weighed = verdicts.filter(({ scarce }) => scarce !== true)
  const scarce = verdicts.length - weighed.length
  const groups = metrics
    .filter((metric) => weighed.some((verdict) => verdict.metric === metric))
    .map((metric) => ({
      title: `${ruleOf(metric).words} (${ruleOf(metric).higherIsBetter ? 'more' : 'less'} is better)`,
      same: [1 / (1 + ruleOf(metric).threshold), 1 + ruleOf(metric).threshold] as const,
      rows: weighed
        .filter((verdict) => verdict.metric === metric)
        .map((verdict) => {
          const ratio = ratioFigure(verdict.ratio)
          return {
            name: verdict.candidate,
            look: lookFor(context, verdict.candidate),
            call: verdict.call,
            ...verdict.ratio,
            label: `${figureText({ ...ratio, interval: null })} ${callOf(verdict).word}`,
            title: `${verdict.candidate}: ${figureText(ratio)}, ${callOf(verdict).word}. ${verdict.because}`,
          }
        }),
    }))
  return figure({
    id,
    title: workload,
    note:
      scarce === 0
        ? null
        : `${scarce} more comparison${scarce === 1 ? '' : 's'}, for which too little was measured, ${scarce === 1 ? 'is' : 'are'} under “Data”`,
    svg: forest(
      id,
      `Ratios of each model to ${context.result.baseline} under ${workload}, with intervals; the table below has them all.`,
      `times ${context.result.baseline}, log axis`,
      groups,
    ),
    table: {
      headings: ['model', 'metric', 'ratio', 'call', 'because', 'blocks', 'would settle it'],
      rows: verdicts.map(row),
      sentences: [4],
    },
  })
}

function row(verdict: Verdict): (string | Markup)[] {
  const { candidate, metric, ratio, because, blocks, blocksNeeded } = verdict
  return [
    candidate,
    ruleOf(metric).words,
    figureText(ratioFigure(ratio)),
    callOf(verdict).word,
    prose(because),
    String(blocks),
    blocksNeeded === null ? NOTHING : `${blocksNeeded} blocks`,
  ]
}
