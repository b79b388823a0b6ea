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
  ServiceChange,
  StrikeFacts,
  StrikeRecord,
  StruckCell,
} from '../../core/resilience-record.ts'
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

const plan: Shape<ResiliencePlan> = object<ResiliencePlan>({
  models: list(text),
  faults: list(text),
  workers: count,
  repeats: count,
  seed: number,
  share: amount,
  timeoutS: amount,
  undisturbedS: amount,
  heartbeatTimeoutS: amount,
  nodePath: nullable(text),
  nodePaths: optional(byName(text)),
})

const model: Shape<ResilienceModel> = object<ResilienceModel>({
  ...MODEL_MEMBERS,
  reload: oneOf('clean', 'rough', null),
  restartedBy: nullable(text),
})

const fault: Shape<RecordedFault> = object<RecordedFault>({
  id: text,
  title: text,
  question: text,
  recoveryFrom: oneOf('strike', 'end', null),
})

/** manifest.json of a resilience run. */
export const resilienceManifest: Shape<ResilienceManifest> = object<ResilienceManifest>({
  schema: constant('forkwise/resilience-manifest@1'),
  id: text,
  createdAt: text,
  forkwiseVersion: text,
  command: text,
  machine: machineFacts,
  plan,
  requests: list(workloadRequest),
  models: list(model),
  faults: list(fault),
  notOffered: list(object<NotOffered>({ model: text, fault: text, reason: text })),
  unavailable: unavailableModels,
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

const facts: Shape<StrikeFacts> = object<StrikeFacts>({
  unit: optional(text),
  computing: optional(flag),
  crashedStarts: optional(amount),
  crashingS: optional(amount),
  replaced: optional(flag),
  recycled: optional(amount),
  maxRequests: optional(amount),
  memory: optional(object<NonNullable<StrikeFacts['memory']>>({ firstBytes: amount, peakBytes: amount })),
  offeredPerS: optional(amount),
})

const IDENTITY = {
  schema: constant('forkwise/resilience-cell@1'),
  model: text,
  fault: text,
  repeat: count,
  seed: number,
} as const

const struckCell: Shape<StruckCell> = object<StruckCell>({
  ...IDENTITY,
  outcome: constant('struck'),
  ratePerS: amount,
  undisturbed: object<StruckCell['undisturbed']>({ ...LEDGER, p50Ms: nullable(amount), p99Ms: nullable(amount) }),
  slowLimitMs: amount,
  strike: object<StrikeRecord>({ atS: number, tookS: number, facts }),
  struck: ledger,
  extra: nullable(ledger),
  errors: errorSamples,
  seconds: list(loadSecond),
  connectionsOpened: amount,
  service: list(object<ServiceChange>({ atS: number, missing: list(text) })),
  watchedS: amount,
  foreignCores: number,
})

const failedCell: Shape<FailedCell> = object<FailedCell>({
  ...IDENTITY,
  outcome: constant('failed'),
  error: object<FailedCell['error']>({ code: text, message: text }),
})

/** A line of cells.ndjson. */
export const resilienceCell: Shape<ResilienceCell> = tagged('outcome', struckCell, failedCell)
