import { type SimulatedServer } from '../../../analysis/capacity/simulation/specification.ts'
import { expect, test } from 'vitest'
import type { Distribution } from '../../../analysis/capacity/simulation/distribution.ts'
import { mg1 } from '../../../analysis/capacity/queueing/mg1.ts'
import { md1, mm1, mmc, roundRobinExponential, type Queue } from '../../../analysis/capacity/queueing/queueing.ts'
import { quantileS, simulate } from '../../../analysis/capacity/simulation/simulation.ts'

const EXPONENTIAL: Distribution = { kind: 'exponential', meanS: 0.05 }
const CONSTANT: Distribution = { kind: 'constant', valueS: 0.05 }
const VARIED: Distribution = { kind: 'hyperexponential', meanS: 0.05, cv2: 4 }
const EVEN: Distribution = { kind: 'erlang', meanS: 0.05, stages: 3 }

interface Case {
  readonly name: string
  readonly server: SimulatedServer
  readonly service: Distribution
  readonly load: number
  readonly exact: (ratePerS: number) => Queue
  readonly requests: number
}

const CASES: readonly Case[] = [
  ...[0.3, 0.7].map((load) => ({
    name: 'M/M/1',
    server: { routing: 'one' as const, workers: 1 },
    service: EXPONENTIAL,
    load,
    exact: (rate: number) => mm1(rate, 0.05),
    requests: 1_000_000,
  })),
  ...[2, 4, 16].map((workers) => ({
    name: `M/M/${workers}`,
    server: { routing: 'central-queue' as const, workers },
    service: EXPONENTIAL,
    load: 0.7,
    exact: (rate: number) => mmc(rate, 0.05, workers),
    requests: 600_000,
  })),
  ...[0.5, 0.8].map((load) => ({
    name: 'M/D/1',
    server: { routing: 'one' as const, workers: 1 },
    service: CONSTANT,
    load,
    exact: (rate: number) => md1(rate, 0.05),
    requests: 1_000_000,
  })),
  {
    name: 'M/H2/1 (a varied service)',
    server: { routing: 'one', workers: 1 },
    service: VARIED,
    load: 0.6,
    exact: (rate) => mg1(rate, VARIED),
    requests: 2_000_000,
  },
  {
    name: 'M/E3/1 (an even service)',
    server: { routing: 'one', workers: 1 },
    service: EVEN,
    load: 0.7,
    exact: (rate) => mg1(rate, EVEN),
    requests: 1_000_000,
  },
  ...[2, 4].map((workers) => ({
    name: `E${workers}/M/1 (requests in turn over ${workers} workers)`,
    server: { routing: 'client-round-robin' as const, workers },
    service: EXPONENTIAL,
    load: 0.7,
    exact: (rate: number) => roundRobinExponential(rate, 0.05, workers),
    requests: 1_000_000,
  })),
  {
    name: 'M/M/1 each (requests dealt at random over 4 workers)',
    server: { routing: 'kernel-hash', workers: 4 },
    service: EXPONENTIAL,
    load: 0.7,
    exact: (rate) => mm1(rate / 4, 0.05),
    requests: 1_000_000,
  },
]

test.each(CASES)('$name at load $load: mean within 2 %, p99 within 5 %', (row) => {
  const ratePerS = (row.load * row.server.workers) / 0.05
  const exact = row.exact(ratePerS)
  const result = simulate({
    server: row.server,
    client: { arrivals: { kind: 'poisson', ratePerS } },
    routes: [{ weight: 1, cpu: row.service, wait: { kind: 'constant', valueS: 0 } }],
    requests: row.requests,
    seed: 20260801,
  })
  expect(Math.abs(result.meanS / exact.meanS - 1)).toBeLessThan(0.02)
  expect(Math.abs(quantileS(result, 0.99) / exact.quantileS(0.99) - 1)).toBeLessThan(0.05)
  for (const share of result.utilisation) expect(Math.abs(share / row.load - 1)).toBeLessThan(0.02)
  // Little's law, with the queue length measured apart from the latencies.
  expect(Math.abs(result.meanInFlight / (result.throughputPerS * result.meanS) - 1)).toBeLessThan(0.01)
})
