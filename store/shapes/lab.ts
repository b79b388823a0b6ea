import type { LabCaseFacts, LabEvent, LabLack, LabManifest, LabTrial } from '../../core/lab-record.ts'
import {
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
  text,
  whole,
} from '../shape.ts'
import { machineFacts } from './run.ts'

const wordOrNumber: Shape<string | number> = { schema: { type: ['string', 'number'] } }

const caseFacts: Shape<LabCaseFacts> = object<LabCaseFacts>({
  id: text,
  name: text,
  language: oneOf('node', 'python'),
})

/** A moment; programs add members of their own, none of which holds others. */
const event: Shape<LabEvent> = {
  schema: {
    type: 'object',
    required: ['t', 'lane', 'kind'],
    properties: { t: { type: 'number' }, lane: { type: 'string' }, kind: { type: 'string' } },
    additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
  },
}

/** manifest.json of a lab. */
export const labManifest: Shape<LabManifest> = object<LabManifest>({
  schema: constant('forkwise/lab-manifest@1'),
  id: text,
  createdAt: text,
  forkwiseVersion: text,
  command: text,
  machine: machineFacts,
  lab: text,
  quick: flag,
  seed: whole(0, 4_294_967_295),
  change: nullable(object<NonNullable<LabManifest['change']>>({ name: text, value: wordOrNumber })),
  python: nullable(text),
  cases: list(caseFacts),
  lacks: list(object<LabLack>({ what: text, remedy: text })),
  predictions: byName(wordOrNumber),
})

/** A line of trials.ndjson of a lab. */
export const labTrial: Shape<LabTrial> = object<LabTrial>({
  schema: constant('forkwise/lab-trial@1'),
  case: text,
  repeat: whole(1, 1_000_000),
  figures: byName(number),
  words: byName(text),
  events: list(event),
  failure: nullable(text),
  disturbed: optional(list(text)),
})
