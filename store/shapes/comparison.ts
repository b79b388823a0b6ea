import type {
  AppDependency,
  BlockRecord,
  Certificate,
  EqualityRule,
  ExperimentPlan,
  Looks,
  Manifest,
  PilotRecord,
  SliceSeconds,
  RecordedWorkload,
} from '../../core/records.ts'
import type { FirstManifest } from '../comparison-first-version.ts'
import type { StoredHistograms, TrialHistograms } from '../histograms.ts'
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
  text,
  whole,
} from '../shape.ts'
import { warmupPlan } from './load.ts'
import {
  count,
  machineFacts,
  machineFinding,
  ownAppStart,
  recordedModel,
  unavailableModels,
  workloadRequest,
} from './run.ts'

type Placement = NonNullable<ExperimentPlan['placement']>

const appDependency: Shape<AppDependency> = object<AppDependency>({
  name: text,
  pid: nullable(count),
  port: nullable(count),
})

const PLAN = {
  kind: oneOf('pilot', 'full'),
  models: list(text),
  baseline: text,
  workloads: list(text),
  workers: whole(1, 1_000_000),
  blocks: count,
  maxBlocks: count,
  looks: optional(object<Looks>({ from: count, planned: count })),
  seed: number,
  warmup: warmupPlan,
  saturationS: amount,
  latencyS: amount,
  ratePerS: optional(amount),
  timeoutS: amount,
  metrics: flag,
  app: nullable(text),
  appStart: optional(ownAppStart),
  equality: optional(object<EqualityRule>({ level: oneOf('status', 'headers', 'body', 'json'), ignore: list(text) })),
  nodePath: nullable(text),
  nodePaths: optional(byName(text)),
  pythonPath: optional(text),
  placement: nullable(object<Placement>({ generator: list(number), server: list(number) })),
  dependencies: optional(list(appDependency)),
  expectedS: amount,
  budgetS: optional(amount),
} as const

const recordedWorkload: Shape<RecordedWorkload> = object<RecordedWorkload>({
  id: text,
  title: text,
  summary: text,
  kind: optional(oneOf('cpu', 'io', 'mixed')),
  requests: list(workloadRequest),
  setup: optional(text),
  connections: amount,
})

const MANIFEST = {
  id: text,
  createdAt: text,
  forkwiseVersion: text,
  command: text,
  machine: machineFacts,
  workloads: list(recordedWorkload),
  models: list(recordedModel),
  unavailable: unavailableModels,
  cpus: optional(text),
  preflight: optional(list(machineFinding)),
} as const

/** manifest.json of a comparison. */
export const manifest: Shape<Manifest> = object<Manifest>({
  ...MANIFEST,
  schema: constant('forkwise/manifest@2'),
  plan: object<ExperimentPlan>({ ...PLAN, control: flag }),
})

/** The same as version 0.1 wrote it. */
export const firstManifest: Shape<FirstManifest> = object<FirstManifest>({
  ...MANIFEST,
  schema: constant('forkwise/manifest@1'),
  plan: object<FirstManifest['plan']>({ ...PLAN, sentinel: flag }),
})

/** pilot.json. */
export const pilotRecord: Shape<PilotRecord> = object<PilotRecord>({
  schema: constant('forkwise/pilot@1'),
  capacities: list(object<PilotRecord['capacities'][number]>({ model: text, workload: text, ratePerS: amount })),
  commonRates: byName(amount),
  sliceSeconds: optional(byName(object<SliceSeconds>({ saturationS: amount, latencyS: amount }))),
  bareRates: byName(amount),
  refused: list(object<PilotRecord['refused'][number]>({ model: text, workload: optional(text), reason: text })),
  notes: list(text),
  tookS: optional(amount),
})

/** certificate.json, as `calibrate` made it. */
export const certificate: Shape<Certificate> = object<Certificate>({
  schema: constant('forkwise/certificate@1'),
  createdAt: text,
  machineId: text,
  forkwiseVersion: text,
  rows: list(
    object<Certificate['rows'][number]>({
      proof: text,
      truth: text,
      measured: text,
      error: text,
      goal: text,
      passed: flag,
    }),
  ),
})

/** A line of blocks.ndjson. */
export const blockRecord: Shape<BlockRecord> = object<BlockRecord>({
  schema: constant('forkwise/block@1'),
  block: count,
  workload: text,
  kept: flag,
  reasons: list(text),
  tookS: optional(amount),
})

const histograms: Shape<StoredHistograms> = object<StoredHistograms>({
  histogram: text,
  serviceHistogram: text,
  routes: byName(text),
})

/** A file of histograms/. */
export const trialHistograms: Shape<TrialHistograms> = object<TrialHistograms>({
  schema: optional(constant('forkwise/histograms@1')),
  trial: optional(fileName),
  saturation: histograms,
  latency: optional(histograms),
})
