import type { Workload } from '../../core/load.ts'

/**
 * A prime whose test by trial division takes 4.1 ms: 500,000 divisions at 8.3 ns. Measured with Node 20.20 on one core of
 * an AMD EPYC, November 2026; the time goes with the square root of the number.
 */
const PRIME_OF_4_MS = 999_999_999_989

const cpu: Workload = {
  id: 'cpu',
  title: 'CPU-bound',
  summary: 'Every request computes for about 4 ms: what matters is how many cores the model keeps busy.',
  requests: [
    { route: 'cpu-prime', method: 'GET', path: `/cpu/prime?n=${PRIME_OF_4_MS}`, weight: 1, expectStatus: 200 },
  ],
  // Eight for each worker: none runs dry when the connections are dealt unevenly, and queues stay short.
  connections: ({ workers, cores }) => 8 * Math.max(1, workers, Math.min(cores, 4)),
}

export default cpu
