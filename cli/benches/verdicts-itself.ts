import type { Bench } from '../bench.ts'
import { verdictBench } from '../verdict-proof/bench.ts'

/** Models against themselves. */
export const bench: Bench = verdictBench(
  'verdicts-itself',
  'a model compared with itself under another name: says same or inconclusive',
  'itself',
  60,
)
