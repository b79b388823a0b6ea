import type { Claim } from '../claim.ts'

/** Threads of Watt against processes of PM2, by the tail of the latency. */
export const claim: Claim = {
  claim: "Watt's p99 is less than half that of PM2's cluster mode.",
  source: "Platformatic's published comparison of Watt with PM2.",
  compare: { models: ['pm2-cluster', 'watt'], workloads: ['mixed'], baseline: 'pm2-cluster' },
  holds: ['watt/mixed p99 < 0.5x pm2-cluster'],
}
