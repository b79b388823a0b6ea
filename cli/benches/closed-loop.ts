import { benchClosedLoop } from '../../loadtest/bench/closed-loop-bench.ts'
import type { Bench } from '../bench.ts'

/** The closed loop beside the tools that people know. */
export const bench: Bench = {
  name: 'closed-loop',
  summary: 'the closed-loop generator beside plain autocannon and wrk on the same server',
  run: async (context) => benchClosedLoop(context),
}
