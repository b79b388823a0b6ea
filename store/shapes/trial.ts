import type {
  Bottleneck,
  FailedTrial,
  HostUsage,
  MeasuredTrial,
  ProcessUsage,
  Reconciliation,
  SliceRecord,
  TrialRecord,
} from '../../core/records.ts'
import type { Unit, UnitRole } from '../../core/unit.ts'
import {
  amount,
  byName,
  constant,
  fileName,
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  tagged,
  text,
} from '../shape.ts'
import { loadRecord, warmupRecord } from './load.ts'
import { count } from './run.ts'

const role: Shape<UnitRole> = oneOf('supervisor', 'worker', 'thread', 'proxy', 'broker', 'dependency')

const unit: Shape<Unit> = object<Unit>({
  name: text,
  role,
  pid: number,
  thread: optional(number),
  url: optional(text),
  metricsUrl: optional(text),
  statusUrl: optional(text),
  answeredFile: optional(text),
})

/** What a process of a server used. */
export const processUsage: Shape<ProcessUsage> = object<ProcessUsage>({
  name: text,
  role,
  pid: number,
  cpuS: number,
  rssBytes: amount,
  pssBytes: nullable(amount),
})

/** What was used of the machine. */
export const hostUsage: Shape<HostUsage> = object<HostUsage>({
  wallS: amount,
  appDependencyCores: optional(number),
  foreignCores: number,
  stealRatio: number,
  generatorCores: number,
  dependencyCores: number,
  throttled: nullable(number),
  serverUnseen: optional(flag),
})

const slice: Shape<SliceRecord> = object<SliceRecord>({
  load: loadRecord,
  server: list(processUsage),
  host: hostUsage,
  cpuMsPerRequest: nullable(number),
  faults: optional(list(text)),
  workerRequests: byName(number),
  proxyRequests: optional(byName(number)),
})

const reconciliation: Shape<Reconciliation> = object<Reconciliation>({
  clientAnswered: amount,
  clientSent: amount,
  serverAnswered: nullable(amount),
  stored: optional(nullable(amount)),
  agrees: flag,
})

const bottleneck: Shape<Bottleneck> = object<Bottleneck>({
  limit: oneOf('workers', 'generator', 'supervisor', 'proxy', 'dependency', 'connections', 'machine', 'app', 'unknown'),
  because: text,
})

const IDENTITY = {
  schema: constant('forkwise/trial@1'),
  id: fileName,
  block: count,
  position: count,
  model: text,
  sentinel: flag,
  workload: text,
  workers: count,
  seed: number,
  startedAtMs: amount,
} as const

const measuredTrial: Shape<MeasuredTrial> = object<MeasuredTrial>({
  ...IDENTITY,
  outcome: oneOf('valid', 'invalid'),
  reasons: list(text),
  startS: amount,
  warmup: nullable(warmupRecord),
  saturation: slice,
  latency: nullable(slice),
  units: list(unit),
  reconciliation,
  bottleneck,
  died: optional(list(text)),
})

const failedTrial: Shape<FailedTrial> = object<FailedTrial>({
  ...IDENTITY,
  outcome: constant('failed'),
  error: object<FailedTrial['error']>({ code: text, message: text, hint: optional(text), log: optional(text) }),
})

/** A line of trials.ndjson. */
export const trialRecord: Shape<TrialRecord> = tagged('outcome', measuredTrial, failedTrial)
