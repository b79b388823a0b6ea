import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import type { MeasuringPlan } from '../../loadtest/capacity/measuring.ts'
import { expectedS } from './measuring-run.ts'

/** Lengths of the slices that do not depend on the budget, in seconds. */
const FIXED = { saturationS: 1.5, loneS: 1.2 } as const

/** Share of the budget that is kept for waiting until other programs are quiet. */
const PATIENCE = 0.1

/** Bounds of an open loop's length in seconds: shorter ones have too few samples, longer ones are better split. */
const SHORTEST_S = 0.5
const LONGEST_S = 15

/** Blocks that are wanted: fewer tell nothing of how launches differ. */
const BLOCKS = 3

/** A measuring plan whose open loops are as long as a budget allows, in three blocks if it can. */
export function rateSlices(
  what: Pick<MeasuringPlan, 'workers' | 'rateWorkers' | 'loads' | 'seed'>,
  budgetS: number,
  workload: Workload,
): MeasuringPlan {
  for (let blocks = BLOCKS; blocks >= 1; blocks--) {
    const plan: MeasuringPlan = { ...what, ...FIXED, blocks, patienceS: PATIENCE * budgetS, rateS: 0 }
    const slices = what.rateWorkers.length * what.loads.length * blocks
    const rateS = ((1 - PATIENCE) * budgetS - expectedS(1, plan, workload)) / slices
    if (rateS >= SHORTEST_S) return { ...plan, rateS: Math.min(LONGEST_S, rateS) }
  }
  const leastS = expectedS(1, { ...what, ...FIXED, blocks: 1, patienceS: 0, rateS: SHORTEST_S }, workload)
  throw new ForkwiseError('USAGE', {
    message: `Expected \`--budget\` to leave ${Math.ceil(leastS)}s for measuring, got ${Math.round(budgetS)}s.`,
    hint: 'Give more time, e.g. `--budget 2m`.',
  })
}
