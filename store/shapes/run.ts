import type { WorkloadRequest } from '../../core/load.ts'
import type { MachineFacts } from '../../core/machine.ts'
import type {
  MachineFinding,
  Manifest,
  OutsideServer,
  OwnAppStart,
  RecordedModel,
  RecordedRevision,
  Variant,
} from '../../core/records.ts'
import {
  amount,
  byName,
  list,
  type Members,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
  whole,
  type Shape,
} from '../shape.ts'

/** Workers, blocks, connections: more than any run has, so that nothing is counted up to for ever. */
export const count: Shape<number> = whole(0, 1_000_000)

/** The machine and runtime of a measurement. */
export const machineFacts: Shape<MachineFacts> = object<MachineFacts>({
  id: text,
  cpu: text,
  cores: count,
  memoryBytes: amount,
  platform: text,
  kernel: text,
  node: text,
  v8: text,
})

const outsideServer: Shape<OutsideServer> = object<OutsideServer>({ url: text, pid: nullable(number) })

/** How an app of the user's is started. */
export const ownAppStart: Shape<OwnAppStart> = object<OwnAppStart>({
  servedBy: optional(text),
  loader: optional(text),
  command: optional(text),
  cwd: optional(text),
})

const variant: Shape<Variant> = object<Variant>({
  model: text,
  workers: optional(count),
  app: optional(text),
  appStart: optional(ownAppStart),
  env: optional(byName(text)),
  python: optional(text),
  ref: optional(
    object<RecordedRevision>({
      name: text,
      commit: text,
      checkout: optional(
        object<NonNullable<RecordedRevision['checkout']>>({ root: text, dir: text, build: optional(text) }),
      ),
    }),
  ),
})

/** The members of a recorded model, for kinds of runs that keep more. */
export const MODEL_MEMBERS: Members<RecordedModel> = {
  id: text,
  title: text,
  tradeoff: text,
  routing: text,
  executor: text,
  node: optional(text),
  python: optional(text),
  outside: optional(outsideServer),
  variant: optional(variant),
}

/** A model as comparisons keep it. */
export const recordedModel: Shape<RecordedModel> = object<RecordedModel>(MODEL_MEMBERS)

/** A request of a workload's mix. */
export const workloadRequest: Shape<WorkloadRequest> = object<WorkloadRequest>({
  route: text,
  method: oneOf('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
  path: text,
  headers: optional(byName(text)),
  body: optional(text),
  bodyEncoding: optional(oneOf('base64')),
  weight: amount,
  expectStatus: number,
  group: optional(text),
})

/** The models that could not run, with the reason. */
export const unavailableModels: Shape<Manifest['unavailable']> = list(
  object<Manifest['unavailable'][number]>({ model: text, reason: text, remedy: text }),
)

/** What was found about the machine before a run. */
export const machineFinding: Shape<MachineFinding> = object<MachineFinding>({
  check: text,
  level: oneOf('ok', 'warning', 'critical'),
  found: text,
  remedy: text,
})
