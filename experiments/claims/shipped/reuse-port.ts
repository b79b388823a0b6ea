import type { Claim } from '../claim.ts'

/** The kernel's distribution of connections against the one of node:cluster's primary. */
export const claim: Claim = {
  claim: 'Workers that share a port by SO_REUSEPORT answer more requests per second than those of node:cluster.',
  source: "Node's documentation of `reusePort` promises that the kernel distributes connections without a primary.",
  compare: { models: ['cluster', 'reuse-port'], workloads: ['io'], baseline: 'cluster' },
  holds: ['reuse-port/io throughput > 1x cluster'],
}
