import { type SimulationResult } from '../../../analysis/capacity/simulation/specification.ts'
import type { CapacityMeasurement, ConnectionUse, MeasuredRate } from '../../../core/capacity.ts'
import { scaled, type Distribution } from '../../../analysis/capacity/simulation/distribution.ts'
import { simulate } from '../../../analysis/capacity/simulation/simulation.ts'
import { slowdownOf } from '../../../analysis/capacity/scaling/usl-curve.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import { deriveSeed, seededRandom, standardNormal, type Random } from '../../../core/random.ts'
import type { Routing } from '../../../core/routing.ts'

/** A server whose every property is known, to be measured by simulation as a real one would be by load. */
export interface KnownServer {
  readonly routing: Routing
  readonly executor: string
  readonly cpu: Distribution
  readonly wait: Distribution
  /** Contention among workers. */
  readonly sigma: number
  readonly cores: number
  readonly connections: ConnectionUse | null
  /** Throughput varies by this share from block to block. */
  readonly noise: number
}

/** A plain CPU-bound server under node:cluster on 4 cores. */
export const KNOWN: KnownServer = {
  routing: 'round-robin-connections',
  executor: 'inline',
  cpu: { kind: 'lognormal', meanS: 0.005, cv2: 0.2 },
  wait: { kind: 'constant', valueS: 0.0003 },
  sigma: 0.02,
  cores: 4,
  connections: { count: 64, choice: 'first', opened: 'on-demand' },
  noise: 0.01,
}

/** Simulates a known server with so many workers at a rate, with as many requests as wanted. */
export function runKnown(
  server: KnownServer,
  run: {
    workers: number
    ratePerS: number
    requests: number
    seed: number
    cores?: number
    warmupRequests?: number
    arrivalSeed?: number
  },
): SimulationResult {
  const { workers, ratePerS, cores = server.cores, ...rest } = run
  return simulate({
    server: { routing: server.routing, workers, cores },
    client: {
      arrivals: { kind: 'poisson', ratePerS },
      ...(server.connections === null ? {} : { connections: server.connections }),
    },
    routes: [
      { weight: 1, cpu: scaled(server.cpu, slowdownOf({ sigma: server.sigma, kappa: 0 }, workers)), wait: server.wait },
    ],
    ...rest,
    maxInFlight: 20_000,
  })
}

/** Measures a known server: unloaded requests, saturation of each worker count, and latency at loads 0.3, 0.5 and 0.7. */
export function measureKnown(
  server: KnownServer,
  options: { workers: readonly number[]; blocks?: number; seed?: number; requests?: number },
): CapacityMeasurement {
  const { workers, blocks = 5, seed = 1, requests = 12_000 } = options
  const random = seededRandom(deriveSeed(seed, 'blocks'))
  const busyS = (count: number): number => meanOf(server.cpu) * slowdownOf({ sigma: server.sigma, kappa: 0 }, count)
  return {
    schema: 'forkwise/capacity-measurement@1',
    model: 'known',
    workload: 'known',
    routing: server.routing,
    executor: server.executor,
    threads: 1,
    fixedSize: server.routing === 'one',
    machine: { id: 'known', cpu: 'known', cores: server.cores, node: 'v20' },
    connections: server.connections,
    routes: [
      {
        route: 'known',
        weight: 1,
        block: 0,
        cpuMsPerRequest: busyS(1) * 1000,
        disturbed: [],
        histogram: histogramOf(runKnown(server, { workers: 1, ratePerS: 0.5, requests: 3000, seed }).latenciesS),
      },
    ],
    saturations: blocksOf(blocks, workers, (block, count) => {
      const throughputPerS = (count / busyS(count)) * noiseOf(server, random)
      return {
        block,
        workers: count,
        throughputPerS,
        cpuMsPerRequest: busyS(count) * 1000,
        generatorCores: 0,
        limit: 'workers',
        because: '',
        p50Ms: null,
        p99Ms: null,
        disturbed: [],
      }
    }),
    rates: workers.flatMap((count) =>
      [0.3, 0.5, 0.7].map((load) =>
        rateKnown(server, {
          block: 1,
          workers: count,
          ratePerS: (load * count) / busyS(count),
          requests,
          seed: deriveSeed(seed, count, load),
        }),
      ),
    ),
    dependencyPerS: null,
  }
}

/** Measures a known server at one rate. */
export function rateKnown(
  server: KnownServer,
  run: { block: number; workers: number; ratePerS: number; requests: number; seed: number },
): MeasuredRate {
  const { block, ...simulated } = run
  const { workers, ratePerS } = run
  const busyS = meanOf(server.cpu) * slowdownOf({ sigma: server.sigma, kappa: 0 }, workers)
  return {
    block,
    workers,
    ratePerS,
    achievedPerS: ratePerS,
    cpuCores: ratePerS * busyS,
    generatorCores: 0,
    errorRatio: 0,
    faults: [],
    disturbed: [],
    histogram: histogramOf(runKnown(server, simulated).latenciesS),
  }
}

function blocksOf<T>(blocks: number, workers: readonly number[], make: (block: number, workers: number) => T): T[] {
  return Array.from({ length: blocks }, (_, block) => workers.map((count) => make(block, count))).flat()
}

function noiseOf(server: KnownServer, random: Random): number {
  return Math.exp(server.noise * standardNormal(random))
}

function histogramOf(latenciesS: Float64Array): string {
  const histogram = new LatencyHistogram()
  for (const latencyS of latenciesS) histogram.record(latencyS * 1e6)
  return histogram.toBase64()
}

function meanOf(distribution: Distribution): number {
  return distribution.kind === 'constant' ? distribution.valueS : 'meanS' in distribution ? distribution.meanS : 0
}
