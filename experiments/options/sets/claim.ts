import { COMPARE } from './comparison.ts'

/** The options of `claim`: how long the comparison is and where it is kept. What is compared, the claim says. */
export const CLAIM: Pick<
  typeof COMPARE,
  'quick' | 'budget' | 'blocks' | 'workers' | 'seed' | 'out' | 'junit' | 'anyway'
> = {
  quick: COMPARE.quick,
  budget: COMPARE.budget,
  blocks: COMPARE.blocks,
  workers: COMPARE.workers,
  seed: COMPARE.seed,
  out: COMPARE.out,
  junit: COMPARE.junit,
  anyway: COMPARE.anyway,
}
