import {
  type SimulatedServer,
  type SimulationResult,
  type SimulationSpec,
} from '../../../../analysis/capacity/simulation/specification.ts'
import { describe, expect, test } from 'vitest'
import type { ConnectionUse } from '../../../../core/capacity.ts'
import type { Distribution } from '../../../../analysis/capacity/simulation/distribution.ts'
import { quantileS, simulate } from '../../../../analysis/capacity/simulation/simulation.ts'

const NONE: Distribution = { kind: 'constant', valueS: 0 }

/** Latencies of a few requests whose arrivals and parts are given, rounded to µs. */
function latenciesOf(script: {
  server: SimulatedServer
  gapsS: readonly number[]
  cpuS: readonly number[]
  waitS?: readonly number[]
  connections?: ConnectionUse
  cpuAfterWait?: number
}): number[] {
  const { server, gapsS, cpuS, waitS, connections, cpuAfterWait } = script
  const result = simulate({
    server,
    client: {
      arrivals: { kind: 'trace', gapsS: [...gapsS, 1e6] },
      ...(connections === undefined ? {} : { connections }),
    },
    routes: [
      {
        weight: 1,
        cpu: { kind: 'sequence', valuesS: cpuS },
        wait: waitS === undefined ? NONE : { kind: 'sequence', valuesS: waitS },
        ...(cpuAfterWait === undefined ? {} : { cpuAfterWait }),
      },
    ],
    requests: gapsS.length,
    warmupRequests: 0,
    seed: 1,
  })
  return Array.from(result.latenciesS, (latency) => Math.round(latency * 1e6) / 1e6)
}

describe('one request after another, by hand', () => {
  test('an event loop runs CPU parts one by one and overlaps waiting parts', () => {
    const server: SimulatedServer = { routing: 'one', workers: 1 }
    // Arrive at 1, 2, 3; each computes 2, then waits 10: CPU ends at 3, 5, 7.
    expect(latenciesOf({ server, gapsS: [1, 1, 1], cpuS: [2, 2, 2], waitS: [10, 10, 10] })).toEqual([12, 13, 14])
  })

  test('a synchronous worker is taken by the waiting part as well', () => {
    const server: SimulatedServer = { routing: 'one', workers: 1, slots: 1 }
    expect(latenciesOf({ server, gapsS: [1, 1, 1], cpuS: [2, 2, 2], waitS: [10, 10, 10] })).toEqual([12, 23, 34])
  })

  test('two slots of one interpreter overlap waiting but not computing', () => {
    const server: SimulatedServer = { routing: 'one', workers: 1, slots: 2 }
    // CPU 1→3 and 3→5, answers at 13 and 15; the third starts at 13 and computes to 15, is answered at 25.
    expect(latenciesOf({ server, gapsS: [1, 1, 1], cpuS: [2, 2, 2], waitS: [10, 10, 10] })).toEqual([12, 13, 22])
  })

  test('the CPU part after the wait queues again', () => {
    const server: SimulatedServer = { routing: 'one', workers: 1 }
    // First: CPU 1→3, waits to 7, then behind the second's CPU (6→10), CPU 10→12. Second: 6→10, waits to 14, 14→18.
    const script = { server, gapsS: [1, 5], cpuS: [4, 8], waitS: [4, 4], cpuAfterWait: 0.5 }
    expect(latenciesOf(script)).toEqual([11, 12])
  })

  test('slices let a short request pass a long one', () => {
    const whole: SimulatedServer = { routing: 'one', workers: 1 }
    expect(latenciesOf({ server: whole, gapsS: [1, 1], cpuS: [100, 1] })).toEqual([100, 100])
    expect(latenciesOf({ server: { ...whole, sliceS: 2 }, gapsS: [1, 1], cpuS: [100, 1] })).toEqual([101, 2])
  })

  test('workers share cores equally when there are more of them than cores', () => {
    const server: SimulatedServer = { routing: 'client-round-robin', workers: 2, cores: 1 }
    // From 1 to 3 alone (2 done), then both at half speed: the second's 3 take 6, until 9; the first has 3 left of 8.
    expect(latenciesOf({ server, gapsS: [1, 2], cpuS: [8, 3] })).toEqual([11, 6])
  })

  test('a pool: requests pass the front one by one, then any free worker takes them', () => {
    const server: SimulatedServer = {
      routing: 'central-queue',
      workers: 2,
      front: { kind: 'constant', valueS: 1 },
    }
    // The front lets them pass at 2, 3, 4; two workers of 10 each: answers at 12, 13, 22.
    expect(latenciesOf({ server, gapsS: [1, 0, 0], cpuS: [10, 10, 10] })).toEqual([11, 12, 21])
  })

  test('a worker with two lanes computes two requests at a time', () => {
    const server: SimulatedServer = { routing: 'round-robin-connections', workers: 1, slots: 2, lanes: 2 }
    expect(latenciesOf({ server, gapsS: [1, 0, 0], cpuS: [10, 10, 10] })).toEqual([10, 10, 20])
  })

  test('least-connections avoids the worker that is busy, round robin does not', () => {
    const script = { gapsS: [1, 1, 1], cpuS: [10, 1, 1] }
    expect(latenciesOf({ server: { routing: 'proxy-round-robin', workers: 2 }, ...script })).toEqual([10, 1, 9])
    expect(latenciesOf({ server: { routing: 'least-connections', workers: 2 }, ...script })).toEqual([10, 1, 1])
  })

  test('node:cluster hands at most one connection to a busy worker, and the rest to whoever turns first', () => {
    // Worker 0 gets 1 (10 long), worker 1 gets 2 (2 long), 0 holds 3, 1 holds 4; 5 waits at the primary until worker 1
    // turns at 4 and is handed it: 4 runs 4→5, 5 runs 5→6, 3 only at 11.
    const server: SimulatedServer = { routing: 'round-robin-connections', workers: 2 }
    expect(latenciesOf({ server, gapsS: [1, 1, 0, 0, 0], cpuS: [10, 2, 1, 1, 1] })).toEqual([10, 2, 10, 3, 4])
  })

  test('with a shared socket, the worker whose loop turns first accepts all that wait', () => {
    // Both busy (until 11 and 4) when three come at 2: worker 1 takes all of them at 4 and runs them one by one, though
    // worker 0 has not turned yet.
    const server: SimulatedServer = { routing: 'shared-accept', workers: 2 }
    expect(latenciesOf({ server, gapsS: [1, 0, 1, 0, 0], cpuS: [10, 3, 5, 5, 5] })).toEqual([10, 3, 7, 12, 17])
  })

  test('a keep-alive connection stays with its worker, however busy that is', () => {
    const connections: ConnectionUse = { count: 2, choice: 'first', opened: 'before' }
    const server: SimulatedServer = { routing: 'round-robin-connections', workers: 2 }
    // Connection 0 → worker 0, 1 → worker 1; a third request waits until a connection is idle: 2 is answered at 3.
    expect(latenciesOf({ server, connections, gapsS: [1, 1, 0], cpuS: [10, 1, 1] })).toEqual([10, 1, 2])
    // Two connections on worker 0 alone: the second request queues behind the first.
    const onOne = { ...connections, perWorker: [2, 0] }
    expect(latenciesOf({ server, connections: onOne, gapsS: [1, 1, 0], cpuS: [10, 1, 1] })).toEqual([10, 10, 11])
  })
})

const BASE: SimulationSpec = {
  server: { routing: 'round-robin-connections', workers: 4 },
  client: { arrivals: { kind: 'poisson', ratePerS: 56 } },
  routes: [{ weight: 1, cpu: { kind: 'exponential', meanS: 0.05 }, wait: NONE }],
  requests: 100_000,
  seed: 7,
}

function summaryOf({ meanS, sortedS, workerShare }: SimulationResult): unknown {
  return { meanS, longestS: sortedS.at(-1), workerShare }
}

function p99(change: Partial<SimulationSpec>): number {
  return quantileS(simulate({ ...BASE, ...change }), 0.99)
}

describe('routing decides the tail', () => {
  test('central queue < cluster per connection < strict turn < pinned at random', () => {
    const routings = ['central-queue', 'round-robin-connections', 'client-round-robin', 'kernel-hash'] as const
    const tails = routings.map((routing) => p99({ server: { routing, workers: 4 } }))
    expect(tails).toEqual(tails.toSorted((a, b) => a - b))
    expect(new Set(tails).size).toBe(4)
  })

  test('few pinned connections are a lottery: 8 hashed over 4 workers load one of them above the mean', () => {
    const shares = simulate({
      ...BASE,
      server: { routing: 'kernel-hash', workers: 4 },
      client: { ...BASE.client, connections: { count: 8, choice: 'random', opened: 'before' } },
      requests: 20_000,
      maxInFlight: 5000,
    }).workerShare
    expect(Math.max(...shares)).toBeGreaterThan(0.3)
  })
})

describe('laws', () => {
  test('processor sharing has the mean of M/M/1 whatever the service (insensitivity)', () => {
    for (const cpu of [BASE.routes[0]?.cpu, { kind: 'constant', valueS: 0.05 }] as Distribution[]) {
      const result = simulate({
        ...BASE,
        server: { routing: 'central-queue', workers: 500, cores: 1 },
        client: { arrivals: { kind: 'poisson', ratePerS: 12 } },
        routes: [{ weight: 1, cpu, wait: NONE }],
      })
      expect(Math.abs(result.meanS / (0.05 / 0.4) - 1)).toBeLessThan(0.04)
    }
  })

  test('a closed loop gives as much as its workers can, and N = X·R', () => {
    const result = simulate({ ...BASE, client: { arrivals: { kind: 'closed', connections: 40 } } })
    expect(Math.abs(result.throughputPerS / 80 - 1)).toBeLessThan(0.02)
    expect(Math.abs((result.throughputPerS * result.meanS) / 40 - 1)).toBeLessThan(0.01)
  })

  test('an I/O-bound event loop is not held by waiting, a synchronous worker is', () => {
    const io = {
      ...BASE,
      routes: [{ weight: 1, cpu: { kind: 'constant', valueS: 0.001 }, wait: { kind: 'constant', valueS: 0.1 } }],
    } as const
    expect(simulate({ ...io, requests: 20_000 }).diverged).toBe(false)
    const sync = simulate({ ...io, server: { routing: 'shared-accept', workers: 4, slots: 1 }, maxInFlight: 2000 })
    expect(sync.diverged).toBe(true)
  })

  test('bursts keep the mean rate and lengthen the tail', () => {
    const calm = simulate(BASE)
    const bursty = simulate({
      ...BASE,
      client: { arrivals: { kind: 'bursty', ratePerS: 56, burstFactor: 3, burstShare: 0.1, burstS: 1 } },
      requests: 300_000,
    })
    expect(Math.abs(bursty.throughputPerS / 56 - 1)).toBeLessThan(0.03)
    expect(quantileS(bursty, 0.99)).toBeGreaterThan(1.3 * quantileS(calm, 0.99))
  })
})

describe('runs', () => {
  test('the same seed gives the same result, another seed another', () => {
    expect(summaryOf(simulate(BASE))).toEqual(summaryOf(simulate(BASE)))
    expect(summaryOf(simulate(BASE))).not.toEqual(summaryOf(simulate({ ...BASE, seed: 8 })))
  })

  test('two servers with one seed get the same requests: more workers are never slower on the mean', () => {
    const four = simulate(BASE)
    const five = simulate({ ...BASE, server: { ...BASE.server, workers: 5 } })
    expect(five.meanS).toBeLessThan(four.meanS)
  })

  test('more load than the server can do is given up, not simulated for ever', () => {
    const result = simulate({ ...BASE, client: { arrivals: { kind: 'poisson', ratePerS: 200 } }, maxInFlight: 1000 })
    expect(result.diverged).toBe(true)
    expect(quantileS(result, 0.99)).toBe(Infinity)
  })

  test('a mix keeps its weights, and each request its route', () => {
    const result = simulate({
      ...BASE,
      routes: [
        { weight: 3, cpu: { kind: 'constant', valueS: 0.001 }, wait: NONE },
        { weight: 1, cpu: { kind: 'constant', valueS: 0.1 }, wait: NONE },
      ],
    })
    const second = result.routes.reduce((sum, route) => sum + route, 0) / result.routes.length
    expect(Math.abs(second - 0.25)).toBeLessThan(0.01)
    for (let i = 0; i < 1000; i++) {
      if (result.routes[i] === 1) expect(result.latenciesS[i]).toBeGreaterThanOrEqual(0.1 - 1e-9)
    }
  })
})
