import { bareText, figureText, ratioFigure } from '../../figures.ts'
import { validityNotes } from '../../notes.ts'
import type { ReportContext, Section } from '../context.ts'
import { tableOf } from '../figure.ts'
import { markup, prose } from '../markup.ts'

/** How far the figures can be trusted: gates, controls, what limited each cell, the calibration. */
export function trustSection({ result, workloads }: ReportContext): Section {
  const { certificate, sentinel } = result.validity
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
  sentinel === null || sentinel.length === 0
    ? null
    : markup`<h3>The control</h3><p>${result.baseline} was launched a second time in some blocks, as if it were another model. A ratio away from 1× would mean that this setup sees differences where there are none.</p>
${tableOf({ headings: ['workload', 'second launch / first'], rows: sentinel.map(({ workload, ratio }) => [workload, figureText(ratioFigure(ratio))]) }, 'A/A control')}`
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
