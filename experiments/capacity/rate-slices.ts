import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import type { MeasuringPlan } from './measuring.ts'
import { expectedS } from './expected-time.ts'

/** Lengths of the slices that do not depend on the budget, in seconds. */
const FIXED = { saturationS: 1.5, unloadedS: 1.2 } as const

/** Share of the budget that is kept for waiting until other programs use less CPU. */
const PATIENCE = 0.1

/** Length of an open loop in seconds below which fewer blocks with longer ones give more information. */
const SHORT_S = 1.5

/** Bounds of its length: shorter ones have too few samples, longer ones are better split. */
const SHORTEST_S = 0.5
const LONGEST_S = 15

/** One model that has as many workers as are asked for. */
const ANY_SIZE = [{ fixedSize: false }] as const

/** Blocks that are wanted: fewer do not show how launches differ. */
const BLOCKS = 3

/** A measuring plan whose open loops are as long as a budget allows, in `blocks` blocks if they get `wantedS` each. */
export function rateSlices(
  what: Pick<MeasuringPlan, 'workers' | 'rateWorkers' | 'loads' | 'seed'>,
  budgetS: number,
  workload: Workload,
  {
    blocks: most = BLOCKS,
    wantedS = SHORT_S,
    budgetName = '--budget',
  }: { readonly blocks?: number; readonly wantedS?: number; readonly budgetName?: string | undefined } = {},
): MeasuringPlan {
  for (let blocks: number = most; blocks >= 1; blocks--) {
    const plan: MeasuringPlan = { ...what, ...FIXED, blocks, patienceS: PATIENCE * budgetS, rateS: 0 }
    const slices = what.rateWorkers.length * what.loads.length * blocks
    const rateS = ((1 - PATIENCE) * budgetS - expectedS(ANY_SIZE, plan, workload)) / slices
    if (rateS >= (blocks === 1 ? SHORTEST_S : wantedS)) return { ...plan, rateS: Math.min(LONGEST_S, rateS) }
  }
  const shortest = { ...what, ...FIXED, blocks: 1, patienceS: 0, rateS: SHORTEST_S }
  const leastS = expectedS(ANY_SIZE, shortest, workload) / (1 - PATIENCE)
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${budgetName}\` to leave ${Math.ceil(leastS)}s for measuring, got ${Math.round(budgetS)}s.`,
    hint: 'Give more time, e.g. 2m.',
  })
}
