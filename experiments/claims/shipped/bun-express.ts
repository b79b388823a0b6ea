import type { Claim } from '../claim.ts'

/** The same Express app on two runtimes. */
export const claim: Claim = {
  claim:
    'One process on Bun answers more than twice as many requests per second as one on Node, with the same Express app.',
  source: "Bun's published Express benchmark.",
  compare: { models: ['single', 'single-bun'], workloads: ['io'], baseline: 'single' },
  holds: ['single-bun/io throughput > 2x single'],
}
