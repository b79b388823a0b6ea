import {
  countsPass,
  VALIDATION_GOALS,
  type CountRow,
  type ValidationRow,
} from '../../analysis/capacity/planning/validation.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { formatCount, formatDuration, formatRate, significant } from '../../core/quantities.ts'
import { chanceText } from './tables.ts'
import type { Terminal } from '../../cli/command.ts'
import { alignedTable } from './table.ts'

/** What `validate-plan --json` prints, also kept as validation.json in the results folder. */
export interface ValidationResult {
  readonly schema: 'forkwise/validation@1'
  readonly id: string
  readonly seed: number
  /** Held-out measurements of a real model beside their predictions. */
  readonly rows: readonly ValidationRow[]
  /** Planned worker counts beside those that virtual servers needed. */
  readonly counts: readonly CountRow[]
  /** True when all that was to be tried was tried and met its goal. */
  readonly passed: boolean
  /** False when something could not be held against its prediction; the notes say what. */
  readonly complete: boolean
  readonly notes: readonly string[]
}

/** Predicted, measured and error, as text. */
export function validationText(result: ValidationResult, terminal: Terminal): string {
  const lines: string[] = []
  if (result.rows.length > 0) {
    const heading = ['what', 'workers', 'rate/s', 'load', 'predicted', 'measured', 'error', 'by chance', 'goal']
    const [head = '', ...rows] = alignedTable([heading, ...result.rows.map(cellsOf)])
    lines.push(terminal.style('strong', 'Held-out measurements'), terminal.style('faint', head), ...rows, '')
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
      terminal.style('strong', 'Worker counts of virtual servers'),
      terminal.style('faint', head),
      ...rows,
      countsText(result.counts, terminal),
      '',
    )
  }
  lines.push(...result.notes.map((note) => terminal.style('warn', note)))
  lines.push(conclusion(result, terminal))
  return lines.join('\n')
}

function conclusion({ passed, complete, rows, counts }: ValidationResult, terminal: Terminal): string {
  if (passed) return terminal.style('good', 'Every goal was met.')
  const missed = rows.some((row) => !row.passed) || (counts.length > 0 && !countsPass(counts))
  if (missed || complete) return terminal.style('bad', 'A goal was missed.')
  const nothing = rows.length === 0 && counts.length === 0
  return terminal.style(
    'warn',
    nothing ? 'Nothing was decided.' : 'What was tried met its goal, but not all was tried.',
  )
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
    chanceText(row.chance),
    row.goal === null ? 'not judged' : `${row.passed ? '✓' : '✗'} ${percent(row.goal)}`,
  ]
}

function countsText(rows: readonly CountRow[], terminal: Terminal): string {
  const near = rows.filter(({ verdict }) => verdict === 'exact' || verdict === 'one more').length
  const few = rows.filter(({ verdict }) => verdict === 'too few').length
  const text =
    `${near} of ${rows.length} exact or one more (goal ${percent(VALIDATION_GOALS.near)}), ` +
    `${few} too few (goal at most ${percent(VALIDATION_GOALS.tooFew)})`
  return terminal.style(countsPass(rows) ? 'good' : 'bad', text)
}
