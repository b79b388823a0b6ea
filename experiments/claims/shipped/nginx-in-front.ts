import type { Claim } from '../claim.ts'

/** What a proxy costs that shares the cores with what it stands in front of. */
export const claim: Claim = {
  claim: 'NGINX in front of forked processes costs throughput where it shares their cores.',
  source: 'Often said against a proxy on the same machine.',
  compare: { models: ['cluster', 'nginx-fork'], workloads: ['io'], baseline: 'cluster' },
  holds: ['nginx-fork/io throughput < 1x cluster'],
}
