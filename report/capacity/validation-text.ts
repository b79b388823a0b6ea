import {
  countsPass,
  VALIDATION_GOALS,
  type CountRow,
  type ValidationRow,
} from '../../analysis/capacity/planning/validation.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { formatCount, formatDuration, formatRate, significant } from '../../core/quantities.ts'
import { chanceText } from './tables.ts'
import type { TextStyle } from '../text.ts'
import { alignedTable } from '../table.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'

type Validation = NonNullable<CapacityFindings['validation']>

/** Predicted, measured and error, as text. */
export function validationText(result: Validation, style: TextStyle): string {
  const lines: string[] = []
  if (result.rows.length > 0) {
    const heading = ['what', 'workers', 'rate/s', 'load', 'predicted', 'measured', 'error', 'by chance', 'goal']
    const [head = '', ...rows] = alignedTable([heading, ...result.rows.map(cellsOf)])
    lines.push(style('strong', 'Held-out measurements'), style('faint', head), ...rows, '')
  }
  if (result.counts.length > 0) {
    const heading = ['routing', 'rate/s', 'objective', 'planned', 'needed', '']
    const [head = '', ...rows] = alignedTable([
      heading,
      ...result.counts.map(({ routing, ratePerS, objective, planned, needed, verdict }) => [
        routing,
        formatCount(ratePerS),
        objective,
        planned === null ? 'none' : String(planned),
        String(needed),
        verdict,
      ]),
    ])
    lines.push(
      style('strong', 'Worker counts of virtual servers'),
      style('faint', head),
      ...rows,
      countsText(result.counts, style),
      '',
    )
  }
  lines.push(...result.notes.map((note) => style('warn', note)))
  lines.push(conclusion(result, style))
  return lines.join('\n')
}

function conclusion({ passed, complete = true, rows, counts }: Validation, style: TextStyle): string {
  if (passed) return style('good', 'Every goal was met.')
  const missed = rows.some((row) => !row.passed) || (counts.length > 0 && !countsPass(counts))
  if (missed || complete) return style('bad', 'A goal was missed.')
  const nothing = rows.length === 0 && counts.length === 0
  return style('warn', nothing ? 'Nothing was decided.' : 'What was tried met its goal, but not all was tried.')
}

function cellsOf(row: ValidationRow): string[] {
  const write = row.ratePerS === null ? formatRate : formatDuration
  return [
    row.what,
    String(row.workers),
    row.ratePerS === null ? '–' : significant(row.ratePerS),
    percent(row.load),
    write(row.predicted),
    write(row.measured),
    `${row.error < 0 ? '−' : '+'}${percent(Math.abs(row.error))}`,
    chanceText(row.chance ?? null),
    row.goal === null ? 'not judged' : `${row.passed ? '✓' : '✗'} ${percent(row.goal)}`,
  ]
}

function countsText(rows: readonly CountRow[], style: TextStyle): string {
  const near = rows.filter(({ verdict }) => verdict === 'exact' || verdict === 'one more').length
  const few = rows.filter(({ verdict }) => verdict === 'too few').length
  const text =
    `${near} of ${rows.length} exact or one more (goal ${percent(VALIDATION_GOALS.near)}), ` +
    `${few} too few (goal at most ${percent(VALIDATION_GOALS.tooFew)})`
  return style(countsPass(rows) ? 'good' : 'bad', text)
}
