import { expect, test } from 'vitest'
import { loadModels } from '../../cluster/models.ts'
import { CONNECTIONS_PER_SLOT, saturatingConnections } from '../../loadtest/saturation.ts'
import { findWorkload } from '../../loadtest/workloads.ts'

const SIZE = { workers: 2, cores: 2 }
const models = await loadModels()
const io = await findWorkload('io')

test.each([
  ['an event loop gets all that the workload wants', 'single', io.connections(SIZE)],
  ['sync workers have one slot each', 'gunicorn-sync', CONNECTIONS_PER_SLOT * 2],
  ['workers with four threads have four', 'uwsgi', CONNECTIONS_PER_SLOT * 8],
  ['workers with high concurrency get no more than the workload wants', 'gunicorn-gevent', io.connections(SIZE)],
])('%s', (_sentence, id, connections) => {
  const model = models.find((candidate) => candidate.id === id)
  expect(model && saturatingConnections(model, io, SIZE)).toBe(connections)
})

test('every place of every model meets a connection, and no request queues behind more than three', async () => {
  for (const model of models) {
    const concurrency = model.concurrency?.({ workers: 2, threads: 1 })
    if (concurrency === undefined) continue
    const connections = saturatingConnections(model, io, SIZE)
    expect(connections).toBeGreaterThanOrEqual(Math.min(concurrency, io.connections(SIZE)))
    expect(connections).toBeLessThanOrEqual(CONNECTIONS_PER_SLOT * concurrency)
  }
})
