import { countText } from '../../analysis/wording.ts'
import type { ValidationRow } from '../../analysis/capacity/planning/validation.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { formatRate } from '../../core/quantities.ts'
import { forest, type ForestGroup } from '../html/charts/forest.ts'
import type { Section } from '../html/context.ts'
import { figure, tableOf } from '../html/figure.ts'
import { markup, type Markup, prose } from '../html/markup.ts'
import { lookOf } from '../html/palette.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { validationTables } from './tables.ts'

/** Predictions over measurements, with the range that passes. */
export function validationSection({ validation }: CapacityFindings): Section | null {
  if (validation === null) return null
  const tables = validationTables(validation)
  const [held] = tables
  return {
    id: 'validation',
    title: 'Predictions compared with measurements',
    short: 'Validation',
    body: markup`<p class="banner ${validation.passed ? '' : 'bad'}"><strong>${validation.passed ? 'Every goal was met.' : 'A goal was missed.'}</strong></p>
${validation.rows.length === 0 || held === undefined ? null : markup`<div class="facets">${ratios(validation.rows, held)}</div>`}
${tables.slice(validation.rows.length === 0 ? 0 : 1).map((table) => markup`<h3>${table.title}</h3>${tableOf(table, table.title)}`)}
${validation.notes.length === 0 ? null : markup`<ul class="notes">${validation.notes.map((note) => markup`<li>${prose(note)}</li>`)}</ul>`}`,
  }
}

function ratios(rows: readonly ValidationRow[], table: ReturnType<typeof validationTables>[number]): Markup {
  const groups: ForestGroup[] = [...new Set(rows.map(({ what }) => what))].map((what, place) => {
    const own = rows.filter((row) => row.what === what)
    const goal = own.find((row) => row.goal !== null)?.goal ?? 0
    return {
      title: what,
      same: [1 - goal, 1 + goal],
      rows: own.flatMap((row) => {
        const ratio = row.predicted / row.measured
        if (!Number.isFinite(ratio) || ratio <= 0) return []
        const judged = row.goal === null ? 'not judged' : row.passed ? 'met' : 'missed'
        return {
          name:
            row.ratePerS === null ? countText(row.workers, 'worker') : `${row.workers} × ${formatRate(row.ratePerS)}`,
          look: lookOf(place),
          call: row.goal === null ? 'inconclusive' : row.passed ? 'same' : 'worse',
          estimate: ratio,
          low: ratio,
          high: ratio,
          label: `${row.error < 0 ? '−' : '+'}${percent(Math.abs(row.error))} ${judged}`,
          title: `${what} with ${countText(row.workers, 'worker')}: off by ${percent(row.error)}`,
        }
      }),
    }
  })
  return figure({
    id: 'validation-ratios',
    title: 'Predicted over measured',
    note: 'shaded: what passes',
    svg: forest(
      'validation-ratios',
      'Predictions over measurements; the table below has the figures.',
      'times measured',
      groups,
    ),
    table,
  })
}
