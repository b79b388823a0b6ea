import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { LEAST_BLOCKS, type PlanRequest } from '../../experiments/comparison/plan.ts'
import { serverCores } from '../../loadtest/placement.ts'
import type { OptionReader } from '../options.ts'

/** Most workers a comparison starts per model. */
const MAX_WORKERS = 128

/** Reads how long the comparison is to be: `--quick`, `--budget` or `--blocks`, at most one of them. */
export function readExtent(options: OptionReader): PlanRequest['extent'] {
  options.atMostOne(['quick', 'budget', 'blocks'])
  const budgetS = options.read('budget', parseDurationS, 300)
  const blocks = options.read('blocks', (text, option) => parseCount(text, option, 2, 200), LEAST_BLOCKS)
  if (options.flag('quick')) return { kind: 'quick' }
  return options.text('budget') === undefined ? { kind: 'blocks', blocks } : { kind: 'budget', budgetS }
}

/** Reads how many workers each model gets: one per core that the server has, and two at least, unless told. */
export function readWorkers(options: OptionReader): number {
  return options.read('workers', (text, option) => parseCount(text, option, 1, MAX_WORKERS), Math.max(2, serverCores()))
}
