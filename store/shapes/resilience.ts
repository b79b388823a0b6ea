import type {
  FailedCell,
  NotOffered,
  RecordedFault,
  RequestLedger,
  ResilienceCell,
  ResilienceManifest,
  ResilienceModel,
  ResiliencePlan,
  ResilienceRates,
  FaultedCell,
  HeldTask,
  InjectionFacts,
  LongRequestEnd,
  TaskLedger,
  InjectionRecord,
  MemoryMoment,
  ServiceChange,
} from '../../core/resilience-record.ts'
import type { FirstCell, FirstManifest } from '../resilience-first-version.ts'
import {
  amount,
  byName,
  constant,
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
import { errorSamples, loadSecond } from './load.ts'
import { count, machineFacts, MODEL_MEMBERS, unavailableModels, workloadRequest } from './run.ts'

const PLAN = {
  models: list(text),
  faults: list(text),
  workers: count,
  repeats: count,
  seed: number,
  share: amount,
  timeoutS: amount,
  heartbeatTimeoutS: amount,
  nodePath: nullable(text),
  pythonPath: optional(text),
  nodePaths: optional(byName(text)),
} as const

const model: Shape<ResilienceModel> = object<ResilienceModel>({
  ...MODEL_MEMBERS,
  reload: oneOf('clean', 'rough', null),
  restartedBy: nullable(text),
})

const FAULT = { id: text, title: text, question: text } as const

const MANIFEST = {
  id: text,
  createdAt: text,
  forkwiseVersion: text,
  command: text,
  machine: machineFacts,
  requests: list(workloadRequest),
  models: list(model),
  notOffered: list(object<NotOffered>({ model: text, fault: text, reason: text })),
  unavailable: unavailableModels,
} as const

/** manifest.json of a resilience run. */
export const resilienceManifest: Shape<ResilienceManifest> = object<ResilienceManifest>({
  ...MANIFEST,
  schema: constant('forkwise/resilience-manifest@2'),
  plan: object<ResiliencePlan>({ ...PLAN, baselineS: amount }),
  faults: list(object<RecordedFault>({ ...FAULT, recoveryFrom: oneOf('injection', 'end', null) })),
})

/** The same as version 0.1 wrote it. */
export const firstManifest: Shape<FirstManifest> = object<FirstManifest>({
  ...MANIFEST,
  schema: constant('forkwise/resilience-manifest@1'),
  plan: object<FirstManifest['plan']>({ ...PLAN, undisturbedS: amount }),
  faults: list(object<FirstManifest['faults'][number]>({ ...FAULT, recoveryFrom: oneOf('strike', 'end', null) })),
})

/** rates.json. */
export const resilienceRates: Shape<ResilienceRates> = object<ResilienceRates>({
  schema: constant('forkwise/resilience-rates@1'),
  capacities: list(object<ResilienceRates['capacities'][number]>({ model: text, ratePerS: amount })),
  failed: list(object<ResilienceRates['failed'][number]>({ model: text, message: text })),
  ratePerS: amount,
})

const LEDGER = {
  sent: amount,
  ok: amount,
  non2xx: amount,
  connectionErrors: amount,
  timeouts: amount,
  unsent: amount,
  inFlightAtEnd: amount,
  slowed: amount,
} as const

const ledger: Shape<RequestLedger> = object<RequestLedger>(LEDGER)

const facts: Shape<InjectionFacts> = object<InjectionFacts>({
  unit: optional(text),
  computing: optional(flag),
  longRequest: optional(
    object<LongRequestEnd>({ status: nullable(amount), error: nullable(text), jobStatus: optional(amount) }),
  ),
  heldTask: optional(object<HeldTask>({ begun: amount, done: flag })),
  crashedStarts: optional(amount),
  crashingS: optional(amount),
  replaced: optional(flag),
  recycled: optional(amount),
  maxRequests: optional(amount),
  memory: optional(object<NonNullable<InjectionFacts['memory']>>({ firstBytes: amount, peakBytes: amount })),
  offeredPerS: optional(amount),
  tasks: optional(
    object<TaskLedger>({ accepted: amount, done: amount, repeated: amount, lost: amount, waiting: amount }),
  ),
})

const IDENTITY = {
  model: text,
  fault: text,
  repeat: count,
  seed: number,
} as const

const injection: Shape<InjectionRecord> = object<InjectionRecord>({ atS: number, tookS: number, facts })

const baseline: Shape<FaultedCell['baseline']> = object<FaultedCell['baseline']>({
  ...LEDGER,
  p50Ms: nullable(amount),
  p99Ms: nullable(amount),
})

const FAULTED = {
  ...IDENTITY,
  ratePerS: amount,
  slowLimitMs: amount,
  extra: nullable(ledger),
  errors: errorSamples,
  seconds: list(loadSecond),
  connectionsOpened: amount,
  service: list(object<ServiceChange>({ atS: number, missing: list(text) })),
  memory: optional(list(object<MemoryMoment>({ atS: number, rssBytes: amount }))),
  watchedS: amount,
  foreignCores: number,
} as const

const FAILED = {
  ...IDENTITY,
  outcome: constant('failed'),
  error: object<FailedCell['error']>({ code: text, message: text }),
} as const

/** A line of cells.ndjson. */
export const resilienceCell: Shape<ResilienceCell> = tagged(
  'outcome',
  object<FaultedCell>({
    ...FAULTED,
    schema: constant('forkwise/resilience-cell@2'),
    outcome: constant('faulted'),
    baseline,
    injection,
    faulted: ledger,
  }),
  object<FailedCell>({ ...FAILED, schema: constant('forkwise/resilience-cell@2') }),
)

type FirstFaultedCell = Extract<FirstCell, { outcome: 'struck' }>
type FirstFailedCell = Extract<FirstCell, { outcome: 'failed' }>

/** The same as version 0.1 wrote it. */
export const firstCell: Shape<FirstCell> = tagged(
  'outcome',
  object<FirstFaultedCell>({
    ...FAULTED,
    schema: constant('forkwise/resilience-cell@1'),
    outcome: constant('struck'),
    undisturbed: baseline,
    strike: injection,
    struck: ledger,
  }),
  object<FirstFailedCell>({ ...FAILED, schema: constant('forkwise/resilience-cell@1') }),
)
