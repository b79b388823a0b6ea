import { listText } from '../../../analysis/wording.ts'
import {
  callOf,
  type CellFigures,
  type ComparedFigure,
  figureText,
  markWords,
  NOTHING,
  type WorkloadFigures,
} from '../../figures.ts'
import { lookFor, type ReportContext, type Section } from '../context.ts'
import { tableOf } from '../figure.ts'
import { markup, type Markup, prose, sentenceOf } from '../markup.ts'

/** What was found, in words, and a card per workload that says the same in one look. */
export function verdictSection(context: ReportContext): Section {
  const { result, workloads } = context
  return {
    id: 'verdict',
    title: 'Verdict',
    body: markup`${result.kind === 'pilot' ? markup`<p class="banner warn"><strong>A pilot.</strong> Too short to settle anything; it shows the direction.</p>` : null}
${result.validity.withheld.length > 0 ? markup`<p class="banner bad"><strong>Verdicts on ${listText(result.validity.withheld)} are withheld.</strong> <a href="#trust">Why, and what to know about this run.</a></p>` : null}
<ul class="sentences">${result.summary.map((sentence) => sentenceItem(context, sentence))}</ul>
<div class="cards">${workloads.map((workload) => card(context, workload))}</div>`,
  }
}

/** The first clause is what was found; what follows it says more in smaller type. Names of models stand out. */
function sentenceItem({ looks }: ReportContext, sentence: string): Markup {
  const [first = '', ...rest] = sentence.split('; ')
  const names = [...looks.keys()]
  const named = (text: string): Markup => markup`${prose(text, names)}`
  if (rest.length === 0) return markup`<li>${named(first)}</li>\n`
  return markup`<li>${named(`${first}.`)} <small>${named(sentenceOf(rest.join('; '), names))}</small></li>\n`
}

function card(
  context: ReportContext,
  { workload, latencyRate, rateReason, connections, cells }: WorkloadFigures,
): Markup {
  const recorded = context.run.manifest.workloads.find(({ id }) => id === workload)
  const columns = COLUMNS.filter(({ of }) => cells.some((cell) => of(cell) !== null))
  const rows = cells.map((cell) => [
    markup`<svg class="${lookFor(context, cell.cell.model).classes}" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><rect class="swatch" width="10" height="10" rx="2"/></svg>${cell.cell.model}`,
    ...columns.map(({ of }) => chip(of(cell), cell.baseline)),
  ])
  const open = markWords(context.result.verdicts.filter((verdict) => verdict.workload === workload)).at(-1)
  return markup`<article class="card"><h3>${workload}</h3><p class="note">${recorded?.title}</p>
${tableOf({ headings: ['model', ...columns.map(({ title }) => title)], rows }, `${workload}, compared with ${context.result.baseline}`, 'score')}
<p class="note">${latencyRate === null ? 'No latencies were measured.' : `p50 and p99 at ${latencyRate} for every model${rateReason === null ? '' : `, ${rateReason}`}.`}${connections === null ? '' : ` Closed loop: ${connections}.`} CPU is that of one request. Ratios are to ${context.result.baseline}; ${open?.mark} is ${open?.words}.</p></article>\n`
}

const COLUMNS: readonly { title: string; of: (cell: CellFigures) => ComparedFigure | null }[] = [
  { title: 'rate', of: (cell) => cell.throughput },
  { title: 'CPU', of: (cell) => cell.cpuPerRequest },
  { title: 'p50', of: (cell) => cell.p50 },
  { title: 'p99', of: (cell) => cell.p99 },
]

/** The figure itself for the baseline, else the ratio and its call. */
function chip(compared: ComparedFigure | null, baseline: boolean): Markup {
  if (compared === null) return markup`${NOTHING}`
  if (baseline || compared.ratio === null || compared.verdict === null) {
    return markup`<span class="figure">${compared.figure.value}</span> <span class="note">${compared.figure.unit.trim()}</span>`
  }
  const { call } = compared.verdict
  const ratio = figureText({ ...compared.ratio, interval: null })
  const { word, mark } = callOf(compared.verdict)
  const shown =
    call === 'inconclusive' ? markup`<span title="${word}">${mark}<span class="hidden"> ${word}</span></span>` : word
  return markup`<span class="figure">${ratio}</span> <span class="call ${call}">${shown}</span>`
}
