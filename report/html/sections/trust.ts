import { ruleOf } from '../../../analysis/comparison/verdict-metrics.ts'
import { bareText, figureText, ratioFigure } from '../../figures.ts'
import { validityNotes } from '../../notes.ts'
import type { ReportContext, Section } from '../context.ts'
import { tableOf } from '../figure.ts'
import { markup, prose } from '../markup.ts'

/** How far the figures can be trusted: gates, controls, what limited each cell, the calibration. */
export function trustSection({ result, workloads }: ReportContext): Section {
  const { certificate, control, blocksDropped } = result.validity
  return {
    id: 'trust',
    title: 'What to know about this run',
    short: 'Trust',
    body: markup`<ul class="notes">${validityNotes(result).map((note) => markup`<li class="${note.grave ? 'grave' : ''}">${note.grave ? markup`<strong>Mind: </strong>` : null}${prose(note.text)}</li>\n`)}</ul>
<h3>What limited each model</h3>
${tableOf(
  {
    sentences: [3],
    headings: ['model', 'workload', 'limited by', 'evidence', 'generator CPU', 'errors', 'timeouts', 'blocks'],
    rows: workloads.flatMap(({ workload, cells }) =>
      cells.map(({ cell, generator, errors, timeouts }) => [
        cell.model,
        workload,
        cell.bottleneck.limit,
        prose(cell.bottleneck.because),
        generator === null ? bareText(null) : `${figureText(generator)} cores`,
        figureText(errors),
        figureText(timeouts),
        String(cell.blocks),
      ]),
    ),
  },
  'What limited each model under each workload',
)}
${
  blocksDropped.length === 0
    ? null
    : markup`<h3>What was dropped</h3><p>Blocks in which something outside the server disturbed the measurement, and which were replaced.</p>
${tableOf(
  {
    headings: ['block', 'workload', 'why'],
    rows: blocksDropped.map(({ block, workload, reasons }) => [String(block), workload, reasons.join('; ')]),
    sentences: [2],
  },
  'Dropped blocks',
)}`
}
${
  control === null || control.length === 0
    ? null
    : markup`<h3>The control</h3><p>${result.baseline} was launched a second time in some blocks, as if it were another model. A ratio away from 1× would mean that this setup sees differences where there are none.</p>
<details><summary>Every ratio of the control</summary>${tableOf(
        {
          headings: ['workload', 'metric', 'second launch / first'],
          rows: control.map(({ workload, metric, ratio }) => [
            workload,
            ruleOf(metric ?? 'throughput').words,
            figureText(ratioFigure(ratio)),
          ]),
        },
        'A/A control',
      )}</details>`
}
${
  certificate === null
    ? null
    : markup`<h3>Calibration</h3><p>The generator and the statistics were tried against servers of known behaviour on ${certificate.createdAt.slice(0, 10)}.</p>
${tableOf(
  {
    headings: ['proof', 'truth', 'measured', 'error', 'goal', 'passed'],
    rows: certificate.rows.map((row) => [
      row.proof,
      row.truth,
      row.measured,
      row.error,
      row.goal,
      row.passed ? 'yes' : markup`<strong class="bad">no</strong>`,
    ]),
  },
  'Calibration',
)}`
}`,
  }
}
