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
import type { FirstOf, FirstTrial } from '../comparison-first-version.ts'
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
  id: fileName,
  block: count,
  position: count,
  model: text,
  workload: text,
  workers: count,
  seed: number,
  startedAtMs: amount,
} as const

const MEASURED = {
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
} as const

const FAILED = {
  ...IDENTITY,
  outcome: constant('failed'),
  error: object<FailedTrial['error']>({ code: text, message: text, hint: optional(text), log: optional(text) }),
} as const

const CURRENT = { schema: constant('forkwise/trial@2'), control: flag } as const
const FIRST = { schema: constant('forkwise/trial@1'), sentinel: flag } as const

/** A line of trials.ndjson. */
export const trialRecord: Shape<TrialRecord> = tagged(
  'outcome',
  object<MeasuredTrial>({ ...MEASURED, ...CURRENT }),
  object<FailedTrial>({ ...FAILED, ...CURRENT }),
)

/** The same as version 0.1 wrote it. */
export const firstTrial: Shape<FirstTrial> = tagged(
  'outcome',
  object<FirstOf<MeasuredTrial>>({ ...MEASURED, ...FIRST }),
  object<FirstOf<FailedTrial>>({ ...FAILED, ...FIRST }),
)
