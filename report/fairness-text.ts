import type { SpreadRow } from '../analysis/comparison/spread.ts'
import { significant } from '../core/quantities.ts'
import { alignedTable } from './table.ts'
import type { TextStyle } from './text.ts'

/** How evenly each model spread connections and requests, as a table. */
export function fairnessText(rows: readonly SpreadRow[], style: TextStyle): string {
  const heading = ['model', 'connections', 'Jain (worst)', 'busiest ÷ mean', 'idle']
  const cells = rows.map((row) => [
    row.model,
    String(row.connections),
    row.jain.length === 0 ? '–' : significant(Math.min(...row.jain)),
    Number.isFinite(row.busiestOverMean) ? `${significant(row.busiestOverMean)}×` : '–',
    String(row.idleWorkers),
  ])
  const [head = '', ...lines] = alignedTable([heading, ...cells])
  const spread = rows.map((row) => row.accepted.map((counts) => counts.join('+')).join('  '))
  return [
    style('strong', `${head}  connections by worker`),
    ...lines.map((line, i) => `${line}  ${spread[i] ?? ''}`),
  ].join('\n')
}
