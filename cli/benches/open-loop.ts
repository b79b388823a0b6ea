import { benchOpenLoop } from '../../loadtest/bench/open-loop-bench.ts'
import type { Bench } from '../bench.ts'

/** How well the open-loop generator keeps its schedule. */
export const bench: Bench = {
  name: 'open-loop',
  summary: 'how well the generator keeps its schedule, and what it can do at most',
  run: async (context) => benchOpenLoop(context),
}
