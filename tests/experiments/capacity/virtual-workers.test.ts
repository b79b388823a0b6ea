import { describe, expect, test } from 'vitest'
import { simulate } from '../../../analysis/capacity/simulation/simulation.ts'
import { exponential, seededRandom } from '../../../core/random.ts'
import type { Routing } from '../../../core/routing.ts'
import { VirtualWorkers } from '../../../experiments/capacity/virtual-workers.ts'

describe('by hand', () => {
  test('one worker serves one after another', () => {
    const workers = new VirtualWorkers('one', 1, 1)
    expect([workers.serve(0, 5, -1), workers.serve(1, 5, -1), workers.serve(20, 5, -1)]).toEqual([5, 10, 25])
  })

  test('a central queue gives the next request to whoever is free first', () => {
    const workers = new VirtualWorkers('central-queue', 2, 1)
    expect([workers.serve(0, 10, -1), workers.serve(0, 2, -1), workers.serve(0, 3, -1)]).toEqual([10, 2, 5])
  })

  test('turns are kept although a worker is busy', () => {
    const workers = new VirtualWorkers('client-round-robin', 2, 1)
    expect([workers.serve(0, 10, -1), workers.serve(0, 2, -1), workers.serve(0, 3, -1)]).toEqual([10, 2, 13])
  })

  test('fewest unfinished requests win', () => {
    const workers = new VirtualWorkers('least-connections', 2, 1)
    const done = [workers.serve(0, 10, -1), workers.serve(0, 2, -1), workers.serve(3, 1, -1), workers.serve(3, 1, -1)]
    expect(done).toEqual([10, 2, 4, 11])
  })

  test('a connection keeps its worker, connections are dealt in turn', () => {
    const workers = new VirtualWorkers('round-robin-connections', 2, 1)
    expect([0, 1, 2, 3].map((connection) => workers.pin(connection))).toEqual([0, 1, 0, 1])
    expect([workers.serve(0, 10, 0), workers.serve(0, 2, 0), workers.serve(0, 3, 1)]).toEqual([10, 12, 3])
  })
})

test.each(['one', 'central-queue', 'client-round-robin', 'least-connections'] as const)(
  'under %s each request takes exactly as long as in the simulation',
  (routing: Routing) => {
    const random = seededRandom(9)
    const count = 3000
    const gapsS = Array.from({ length: count }, () => exponential(random, 0.02))
    const servicesS = Array.from({ length: count }, () => exponential(random, routing === 'one' ? 0.014 : 0.042))
    const workers = routing === 'one' ? 1 : 3
    const virtual = new VirtualWorkers(routing, workers, 1)
    let nowMs = 0
    const latencies = gapsS.map((gapS, i) => {
      nowMs += gapS * 1000
      return (virtual.serve(nowMs, (servicesS[i] ?? 0) * 1000, -1) - nowMs) / 1000
    })
    const simulated = simulate({
      server: { routing, workers },
      client: { arrivals: { kind: 'trace', gapsS } },
      routes: [{ weight: 1, cpu: { kind: 'sequence', valuesS: servicesS }, wait: { kind: 'constant', valueS: 0 } }],
      requests: count,
      warmupRequests: 0,
      seed: 1,
    })
    for (let i = 0; i < count; i++)
      expect(Math.abs((latencies[i] ?? 0) - (simulated.latenciesS[i] ?? 0))).toBeLessThan(1e-9)
  },
)
