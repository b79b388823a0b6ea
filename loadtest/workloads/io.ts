import type { Workload } from '../../core/load.ts'

const io: Workload = {
  id: 'io',
  title: 'I/O-bound',
  summary: 'Every request waits 50 ms for another service: what matters is how much waiting the model can do at once.',
  requests: [{ route: 'io-upstream', method: 'GET', path: '/io/upstream?ms=50', weight: 1, expectStatus: 200 }],
  // Little's law: a core that handles 5,000 requests/s of 50 ms has 250 of them waiting. Twice that for each worker that
  // has a core of its own, so that the model is the limit and not the number of connections: they come back in waves.
  // With fewer than four cores generator and dependency take more than half of them, and more connections would only wait.
  connections: ({ workers, cores }) => (cores < 4 ? 200 : 500) * Math.max(1, Math.min(workers, cores)),
}

export default io
