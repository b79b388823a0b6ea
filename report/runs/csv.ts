import { boundsOf } from '../../core/estimate.ts'
import { csvText } from '../csv.ts'
import type { RunPair } from './pair.ts'

/** Runs side by side as CSV: one row per model, workload and metric, with all digits. */
export function renderRunsCsv(pairs: readonly RunPair[]): string {
  const names = [
    'first',
    'second',
    'workload',
    'model',
    'metric',
    'ratio',
    'ratio_low',
    'ratio_high',
    'call',
    'first_blocks',
    'second_blocks',
  ]
  const rows = pairs.flatMap(({ first, second, comparison }) =>
    comparison.comparable
      ? comparison.rows.map(({ workload, model, metric, ratio, call, blocks }) => [
          first.id,
          second.id,
          workload,
          model,
          metric,
          ratio.estimate,
          ...boundsOf(ratio),
          call,
          ...blocks,
        ])
      : [],
  )
  return csvText([names, ...rows])
}
