import type { SpreadRow } from '../analysis/comparison/spread.ts'
import { significant } from '../core/quantities.ts'
import type { TextStyle } from './text.ts'

/** How evenly each model spread connections and requests, as a table. */
export function fairnessText(rows: readonly SpreadRow[], style: TextStyle): string {
  const width = Math.max(5, ...rows.map((row) => row.model.length))
  const heading = `${'model'.padEnd(width)}  connections  Jain (worst)  busiest ÷ mean  idle  connections by worker`
  const lines = rows.map((row) => {
    const jain = row.jain.length === 0 ? '–' : significant(Math.min(...row.jain))
    const busiest = Number.isFinite(row.busiestOverMean) ? `${significant(row.busiestOverMean)}×` : '–'
    const spread = row.accepted.map((counts) => counts.join('+')).join('  ')
    return `${row.model.padEnd(width)}  ${String(row.connections).padStart(11)}  ${jain.padStart(12)}  ${busiest.padStart(14)}  ${String(row.idleWorkers).padStart(4)}  ${spread}`
  })
  return [style('strong', heading), ...lines].join('\n')
}
