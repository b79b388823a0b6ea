import type { Workload } from '../../core/load.ts'

/** A prime whose test takes about 1 ms (Node 20.20, one core of an AMD EPYC, November 2026). */
const PRIME_OF_1_MS = 62_499_999_941

const site: Workload = {
  id: 'site',
  title: 'A site',
  summary: 'Three of four requests want a file of 10 KiB, the fourth computes for 1 ms: what a server in front is for.',
  requests: [
    { route: 'file', method: 'GET', path: '/io/file?kb=10', weight: 3, expectStatus: 200 },
    { route: 'page', method: 'GET', path: `/cpu/prime?n=${PRIME_OF_1_MS}`, weight: 1, expectStatus: 200 },
  ],
  connections: ({ workers, cores }) => 32 * Math.max(1, Math.min(workers, cores)),
}

export default site
