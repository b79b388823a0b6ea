import { type SimulatedServer } from '../../../analysis/capacity/simulation/specification.ts'
import { describe, expect, test } from 'vitest'
import { quantileS, simulate } from '../../../analysis/capacity/simulation/simulation.ts'

/** Pairs of requests of 10 ms, the second 4 ms after the first, to two workers in turn. */
function pairs(server: Partial<SimulatedServer>): number[] {
  const result = simulate({
    server: { routing: 'client-round-robin', workers: 2, cores: 2, ...server },
    client: { arrivals: { kind: 'trace', gapsS: [0.004, 1] } },
    routes: [{ weight: 1, cpu: { kind: 'constant', valueS: 0.01 }, wait: { kind: 'constant', valueS: 0 } }],
    requests: 200,
    warmupRequests: 20,
    seed: 1,
  })
  return [...new Set([...result.latenciesS].map((latencyS) => Math.round(latencyS * 1e6) / 1000))].sort((a, b) => a - b)
}

describe('a woken worker', () => {
  test('has a core of its own while one is free', () => {
    expect(pairs({})).toEqual([10])
  })

  test('on the core of another: both take as much longer as the shorter part has left', () => {
    expect(pairs({ sharesCore: 1 })).toEqual([16])
  })

  test('shares as often as is said', () => {
    const shared = simulate({
      server: { routing: 'client-round-robin', workers: 2, cores: 2, sharesCore: 0.25 },
      client: { arrivals: { kind: 'trace', gapsS: [0.004, 1] } },
      routes: [{ weight: 1, cpu: { kind: 'constant', valueS: 0.01 }, wait: { kind: 'constant', valueS: 0 } }],
      requests: 8000,
      seed: 1,
    })
    const share = [...shared.latenciesS].filter((latencyS) => latencyS > 0.013).length / 8000
    expect(Math.abs(share - 0.25)).toBeLessThan(0.02)
    expect(quantileS(shared, 0.9)).toBeCloseTo(0.016, 6)
  })

  test('shares no further once all cores compute: then they are shared equally', () => {
    expect(pairs({ sharesCore: 1, cores: 1 })).toEqual(pairs({ cores: 1 }))
  })
})
