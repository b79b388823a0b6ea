import type { Bench } from '../bench.ts'
import { verdictBench } from '../verdict-proof/bench.ts'

/** A model against itself with 5 % more work in its handler. */
export const bench: Bench = verdictBench(
  'verdicts-slowed',
  'a model whose handler computes 5 % more, compared with the one that does not: is found out',
  'slowed',
  20,
)
