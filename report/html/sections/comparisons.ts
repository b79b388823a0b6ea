import type { Verdict, VerdictMetric } from '../../../core/records.ts'
import { CALLS, figureText, NOTHING, ratioFigure } from '../../figures.ts'
import { forest } from '../charts/forest.ts'
import { lookFor, type ReportContext, type Section, slug } from '../context.ts'
import { figure } from '../figure.ts'
import { markup, type Markup, prose } from '../markup.ts'

/** How a metric is called in the report, and which direction is good. */
export const METRIC_WORDS: Readonly<Record<VerdictMetric, { name: string; good: 'more' | 'less' }>> = {
  throughput: { name: 'throughput', good: 'more' },
  'cpu-per-request': { name: 'CPU per request', good: 'less' },
  'latency-p50': { name: 'p50', good: 'less' },
  'latency-p95': { name: 'p95', good: 'less' },
  'latency-p99': { name: 'p99', good: 'less' },
}

/** Every ratio with its interval: what the calls rest on. */
export function comparisonsSection(context: ReportContext): Section | null {
  const { result, workloads } = context
  if (result.verdicts.length === 0) return null
  return {
    id: 'comparisons',
    title: 'How sure is that?',
    short: 'Certainty',
    body: markup`<p class="lead">Ratios to ${result.baseline}, block by block, with intervals that hold for all comparisons of a metric at once. An interval that stays clear of 1× is a difference; one that lies close around it is none; anything else is undecided.</p>
<div class="facets">${workloads.map(({ workload }, place) => facet(context, workload, place))}</div>`,
  }
}

function facet(context: ReportContext, workload: string, place: number): Markup | null {
  const verdicts = context.result.verdicts.filter((verdict) => verdict.workload === workload)
  if (verdicts.length === 0) return null
  const id = `comparisons-${slug(workload, place)}`
  const metrics = [...new Set(verdicts.map(({ metric }) => metric))]
  const groups = metrics.map((metric) => ({
    title: `${METRIC_WORDS[metric].name} (${METRIC_WORDS[metric].good} is better)`,
    rows: verdicts
      .filter((verdict) => verdict.metric === metric)
      .map((verdict) => {
        const ratio = ratioFigure(verdict.ratio)
        return {
          name: verdict.candidate,
          look: lookFor(context, verdict.candidate),
          call: verdict.call,
          ...verdict.ratio,
          label: `${figureText({ ...ratio, interval: null })} ${CALLS[verdict.call].word}`,
          title: `${verdict.candidate}: ${figureText(ratio)}, ${CALLS[verdict.call].word}. ${verdict.because}`,
        }
      }),
  }))
  return figure({
    id,
    title: workload,
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

function row({ candidate, metric, ratio, call, because, blocks, blocksNeeded }: Verdict): (string | Markup)[] {
  return [
    candidate,
    METRIC_WORDS[metric].name,
    figureText(ratioFigure(ratio)),
    CALLS[call].word,
    prose(because),
    String(blocks),
    blocksNeeded === null ? NOTHING : `${blocksNeeded} blocks`,
  ]
}
