import type { Bench } from '../bench.ts'
import { verdictBench } from '../verdict-proof/bench.ts'

/** Models against themselves while another program burns a core now and then. */
export const bench: Bench = verdictBench(
  'verdicts-neighbour',
  'the same while a neighbour burns a core in random blocks: they are dropped, and no verdict is wrong',
  'neighbour',
  20,
)
