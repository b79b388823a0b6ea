import { cellName, countText, listText } from '../analysis/wording.ts'
import { escapedValue } from '../core/plain-text.ts'
import { formatBytes } from '../core/quantities.ts'
import { ANSWER_HEADINGS, ANSWER_LEAD, ANSWER_TITLE, answerRows } from './answers.ts'
import type { AssertionOutcome } from './assertion-outcome.ts'
import type { Manifest, Result } from '../core/records.ts'
import {
  callOf,
  type CellFigures,
  type ComparedFigure,
  EFFICIENCY_NOTE,
  figureText,
  imbalance,
  NOTHING,
  ratioFigure,
  shareFigure,
  workloadFigures,
  type WorkloadFigures,
} from './figures.ts'
import { validityNotes } from './notes.ts'

/** The result as Markdown (GitHub's flavour) for a pull request or a wiki: report.md. */
export function renderMarkdown(result: Result, manifest: Manifest, outcomes: readonly AssertionOutcome[] = []): string {
  const workloads = workloadFigures(result)
  const parts = [
    `# ${result.kind === 'pilot' ? 'Pilot: ' : ''}${listText(manifest.plan.models.map(escapeMarkdown))} compared`,
    ...(result.kind === 'pilot' ? ['> **A pilot**: too short to settle anything; it shows the direction.'] : []),
    ...(result.validity.withheld.length === 0
      ? []
      : [
          `> **Verdicts on ${listText(result.validity.withheld.map(escapeMarkdown))} are withheld**: see [what to know](#what-to-know-about-this-run).`,
        ]),
    result.summary.map(sentenceItem).join('\n'),
    ...thresholdParts(outcomes),
    ...workloads.flatMap((workload) => workloadParts(result, manifest, workload)),
    ...verdictParts(result),
    folded('Latency percentiles', latencyTable(workloads)),
    ...sharesParts(workloads),
    ...answersParts(workloads),
    ...unavailableParts(result),
    '## What to know about this run',
    validityNotes(result)
      .map((note) => `- ${note.grave ? '⚠️ ' : ''}${prose(note.text)}`)
      .join('\n'),
    folded('Machine, versions and how to make it again', machineText(result, manifest)),
  ]
  return `${parts.join('\n\n')}\n`
}

/** Text from a result file as Markdown shows it literally, also inside a table. */
export function escapeMarkdown(text: string): string {
  return escapedValue(text, (plain) =>
    plain
      .replaceAll(/[\\`*_[\]|~#]/g, String.raw`\$&`)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;'),
  )
}

/** A sentence in which pairs of backticks mark code, as in our own messages; everything else is literal. */
function prose(text: string): string {
  return text
    .split(/(`[^`|<>&]+`)/)
    .map((part, index) => (index % 2 === 1 ? escapedValue(part, (plain) => plain) : escapeMarkdown(part)))
    .join('')
}

/** What became of thresholds, as a table under a heading; nothing where there were none. */
export function thresholdParts(outcomes: readonly AssertionOutcome[]): string[] {
  if (outcomes.length === 0) return []
  const marks = { passed: '✅ passed', failed: '❌ failed', undecided: '❔ undecided' }
  const rows = outcomes.map(({ text, outcome, because }) => [
    marks[outcome],
    escapeMarkdown(text),
    escapeMarkdown(because),
  ])
  return ['## Thresholds', markdownTable(['', 'threshold', 'found'], rows)]
}

/** The first clause is what was found; the rest says more. */
function sentenceItem(sentence: string): string {
  const [first = '', ...rest] = sentence.split('; ')
  return rest.length === 0
    ? `- **${escapeMarkdown(first)}**`
    : `- **${escapeMarkdown(first)};** ${escapeMarkdown(rest.join('; '))}`
}

function workloadParts(result: Result, manifest: Manifest, workload: WorkloadFigures): string[] {
  const recorded = manifest.workloads.find(({ id }) => id === workload.workload)
  const heading = `## ${escapeMarkdown(workload.workload)}${recorded === undefined ? '' : `: ${escapeMarkdown(recorded.title)}`}`
  const facts = [
    countText(result.workers, 'worker'),
    ...(workload.connections !== null
      ? [escapeMarkdown(workload.connections)]
      : recorded === undefined
        ? []
        : [`${recorded.connections} connections`]),
    workload.latencyRate === null
      ? 'no latencies measured'
      : `latencies at ${workload.latencyRate} for every model${workload.rateReason === null ? '' : `, ${escapeMarkdown(workload.rateReason)}`}`,
    ...(workload.cells.some(({ efficiency }) => efficiency !== null) ? [EFFICIENCY_NOTE] : []),
  ]
  const rows = workload.cells.map((c) => [
    `**${escapeMarkdown(c.cell.model)}**`,
    figureText(c.throughput?.figure ?? null),
    ratioText(c),
    marked(c.cpuPerRequest),
    marked(c.p50),
    marked(c.p99),
    figureText(c.efficiency),
    figureText(c.memory),
    errorsText(c),
    escapeMarkdown(c.cell.bottleneck.limit),
  ])
  const headings = [
    'model',
    'throughput',
    `× ${escapeMarkdown(result.baseline)}`,
    'CPU per request',
    'p50',
    'p99',
    'efficiency',
    'memory',
    'errors',
    'limited by',
  ]
  return [heading, markdownTable(headings, rows), `<sub>${facts.join(' · ')}</sub>`]
}

function ratioText({ baseline, throughput }: CellFigures): string {
  if (baseline) return `${figureText(ratioFigure(1))} baseline`
  if (throughput === null || throughput.ratio === null || throughput.verdict === null) return NOTHING
  return `${figureText(throughput.ratio)} **${callOf(throughput.verdict).word}**`
}

function marked(compared: ComparedFigure | null): string {
  if (compared === null) return NOTHING
  const { figure, verdict } = compared
  return verdict === null ? figureText(figure) : `${figureText(figure)} ${callOf(verdict).word}`
}

function errorsText({ errors, timeouts, cell }: CellFigures): string {
  return cell.timeouts === 0 ? figureText(errors) : `${figureText(errors)}, ${figureText(timeouts)} timeouts`
}

/** The comparisons that were weighed, and apart from them those that too little was measured for. */
function verdictParts({ verdicts }: Result): string[] {
  const scarce = verdicts.filter((verdict) => verdict.scarce === true)
  const weighed = verdicts.filter((verdict) => verdict.scarce !== true)
  return [
    ...(weighed.length === 0 ? [] : [folded('Every comparison, with its reason', verdictTable(weighed))]),
    ...(scarce.length === 0
      ? []
      : [folded(`${scarce.length} more comparisons that too little was measured for`, verdictTable(scarce))]),
  ]
}

function verdictTable(verdicts: Result['verdicts']): string {
  return markdownTable(
    ['workload', 'metric', 'candidate', 'ratio', 'call', 'because'],
    verdicts.map((verdict) => [
      escapeMarkdown(verdict.workload),
      verdict.metric,
      escapeMarkdown(verdict.candidate),
      figureText(ratioFigure(verdict.ratio)),
      callOf(verdict).word,
      prose(verdict.because),
    ]),
  )
}

function latencyTable(workloads: readonly WorkloadFigures[]): string {
  const keys = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const
  return markdownTable(
    ['workload', 'model', 'rate', ...keys.map((key) => (key === 'p999' ? 'p99.9' : key))],
    workloads.flatMap(({ workload, latencyRate, cells }) =>
      cells.map((c) => [
        escapeMarkdown(workload),
        escapeMarkdown(c.cell.model),
        latencyRate ?? NOTHING,
        ...keys.map((key) => figureText(c[key]?.figure ?? null)),
      ]),
    ),
  )
}

function sharesParts(workloads: readonly WorkloadFigures[]): string[] {
  const rows = workloads.flatMap(({ workload, cells }) =>
    cells
      .filter(({ cell }) => cell.workerShare.length > 1)
      .map(({ cell }) => [
        escapeMarkdown(workload),
        escapeMarkdown(cell.model),
        cell.workerShare.map((share) => figureText(shareFigure(share))).join(', '),
        figureText(shareFigure(imbalance(cell.workerShare) ?? 0)),
      ]),
  )
  if (rows.length === 0) return []
  return [
    folded(
      'Share of the requests per worker',
      markdownTable(['workload', 'model', 'shares', 'busiest above mean'], rows),
    ),
  ]
}

function answersParts(workloads: readonly WorkloadFigures[]): string[] {
  const rows = answerRows(workloads)
  if (rows.length === 0) return []
  const table = markdownTable(
    [...ANSWER_HEADINGS],
    rows.map((row) => [row.workload, row.model, row.who, row.requests, row.share].map(escapeMarkdown)),
  )
  return [folded(ANSWER_TITLE, `${ANSWER_LEAD}\n\n${table}`)]
}

function unavailableParts({ unavailable }: Result): string[] {
  if (unavailable.length === 0) return []
  const lines = unavailable.map(
    ({ reason, remedy, ...cell }) =>
      `- **${escapeMarkdown(cellName(cell))}**: ${prose(reason)}${remedy === '' ? '' : ` To have it: ${prose(remedy)}`}`,
  )
  return ['## Not measured here', lines.join('\n')]
}

function machineText({ machine, seed }: Result, { command, createdAt, forkwiseVersion, id }: Manifest): string {
  const rows = [
    ['run', escapeMarkdown(id)],
    ['made', escapeMarkdown(createdAt)],
    ['machine', `${escapeMarkdown(machine.cpu)}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}`],
    ['system', `${escapeMarkdown(machine.platform)}, ${escapeMarkdown(machine.kernel)}`],
    ['Node', `${escapeMarkdown(machine.node)} (V8 ${escapeMarkdown(machine.v8)})`],
    ['Forkwise', escapeMarkdown(forkwiseVersion)],
    ['seed', String(seed)],
    ['again', `<code>${escapeMarkdown(command)}</code>`],
  ]
  return markdownTable(['', ''], rows)
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** A table without the columns in which no row has anything. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = headings.map((_, column) => rows.some((row) => row[column] !== NOTHING))
  const lines = [headings, headings.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.filter((_, column) => kept[column]).join(' | ')} |`).join('\n')
}
