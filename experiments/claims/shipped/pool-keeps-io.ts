import type { Claim } from '../claim.ts'

/** What Beazley's talk and Node's guide say of work that blocks the loop. */
export const claim: Claim = {
  claim:
    'With a worker pool, CPU-bound requests do not hold up the others: the p95 of the mix is below half that of a single process.',
  source: 'Node\'s guide "Don\'t Block the Event Loop".',
  compare: { models: ['single', 'worker-pool'], workloads: ['mixed'], baseline: 'single' },
  holds: ['worker-pool/mixed p95 < 0.5x single'],
}
