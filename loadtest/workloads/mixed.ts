import type { Workload } from '../../core/load.ts'

/**
 * A prime whose test by trial division takes about 50 ms: 5.3 million divisions at 9.4 ns. Measured with Node 20.20 on one
 * core of an AMD EPYC, November 2026.
 */
const PRIME_OF_50_MS = 111_999_999_999_967

const mixed: Workload = {
  id: 'mixed',
  title: 'Mixed',
  summary: 'Nine of ten requests wait 50 ms, the tenth computes as long: what does it do to the others?',
  requests: [
    { route: 'io', method: 'GET', path: '/io/upstream?ms=50', weight: 9, expectStatus: 200 },
    { route: 'cpu', method: 'GET', path: `/cpu/prime?n=${PRIME_OF_50_MS}`, weight: 1, expectStatus: 200 },
  ],
  // A core can do about 190 of these a second, with ten of them on their way: twice that. Until a mix is steady each
  // connection must have had its turns of both kinds, which takes the longer the more there are.
  connections: ({ workers, cores }) => 20 * Math.max(1, Math.min(workers, cores)),
}

export default mixed
