import type {
  CapacityMeasurement,
  ConnectionUse,
  MeasuredRate,
  MeasuredRoute,
  MeasuredSaturation,
  SaturationEvidence,
  SentArrivals,
} from '../../core/capacity.ts'
import {
  amount,
  constant,
  flag,
  list,
  loadRate,
  loadSeconds,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from '../shape.ts'
import { count } from './run.ts'
import { hostUsage, processUsage } from './trial.ts'

const connectionUse: Shape<ConnectionUse> = object<ConnectionUse>({
  count,
  choice: oneOf('first', 'most-recent', 'least-recent', 'random'),
  opened: oneOf('before', 'on-demand'),
  perWorker: optional(list(count)),
})

const route: Shape<MeasuredRoute> = object<MeasuredRoute>({
  block: count,
  route: text,
  weight: amount,
  cpuMsPerRequest: number,
  histogram: text,
  disturbed: list(text),
})

const saturation: Shape<MeasuredSaturation> = object<MeasuredSaturation>({
  block: count,
  workers: count,
  throughputPerS: amount,
  cpuMsPerRequest: number,
  generatorCores: number,
  limit: text,
  because: text,
  p50Ms: nullable(amount),
  p99Ms: nullable(amount),
  disturbed: list(text),
  evidence: optional(
    object<SaturationEvidence>({
      wallS: amount,
      server: list(processUsage),
      host: hostUsage,
      generatorUtilization: amount,
      connections: count,
    }),
  ),
})

const rate: Shape<MeasuredRate> = object<MeasuredRate>({
  block: count,
  workers: count,
  ratePerS: loadRate,
  achievedPerS: amount,
  cpuCores: number,
  generatorCores: number,
  errorRatio: amount,
  faults: list(text),
  histogram: text,
  disturbed: list(text),
  arrivals: optional(object<SentArrivals>({ seed: number, warmupS: loadSeconds, durationS: loadSeconds })),
})

/** measurement-*.json of a capacity run. */
export const capacityMeasurement: Shape<CapacityMeasurement> = object<CapacityMeasurement>({
  schema: constant('forkwise/capacity-measurement@1'),
  model: text,
  workload: text,
  routing: oneOf(
    'one',
    'round-robin-connections',
    'kernel-hash',
    'shared-accept',
    'central-queue',
    'proxy-round-robin',
    'least-connections',
    'client-round-robin',
  ),
  executor: text,
  threads: count,
  fixedSize: flag,
  machine: object<CapacityMeasurement['machine']>({ id: text, cpu: text, cores: count, node: text }),
  node: optional(text),
  python: optional(text),
  parallelThreads: optional(flag),
  connections: nullable(connectionUse),
  routes: list(route),
  saturations: list(saturation),
  rates: list(rate),
  dependencyPerS: nullable(amount),
})
