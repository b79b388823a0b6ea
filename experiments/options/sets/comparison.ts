import { withDefault } from '../option.ts'
import { LAUNCH, METRICS } from './launch.ts'
import { MODELS, SERVERS } from './models.ts'
import { RECORD } from './record.ts'
import { DEPENDENCIES, SUBJECT, WORKLOADS } from './subject.ts'
import { THRESHOLDS } from './thresholds.ts'
import { VARIANTS } from './variants.ts'

/** Models compared when none are named. */
export const COMPARED_MODELS: readonly string[] = ['single', 'cluster', 'pm2-fork', 'worker-pool']

/** Workloads compared when none are named. */
export const COMPARED_WORKLOADS: readonly string[] = ['cpu', 'io', 'mixed']

/** How long a comparison is, and what it compares with. */
export const COMPARISON = {
  baseline: {
    schema: { type: 'string', minLength: 1 },
    help: 'The model that the others are compared with.',
    otherwise: 'single, or the first model',
    line: { value: 'model' },
  },
  quick: {
    schema: { type: 'boolean' },
    help: 'A pilot of under three minutes: shows the direction, settles little.',
    alternative: 'extent',
    line: { words: 'flag' },
  },
  budget: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a duration' },
    reads: 'duration',
    help: 'Plan the run to fill this time.',
    alternative: 'extent',
    line: { value: '5m' },
  },
  blocks: {
    schema: { type: 'integer', minimum: 2, maximum: 200 },
    help: 'Blocks to measure; each launches every model once per workload.',
    alternative: 'extent',
    line: { value: 'n' },
  },
  rate: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a rate' },
    reads: 'rate',
    help: 'Measure latency at this rate, e.g. 200/s, so that two runs can be compared.',
    otherwise: 'what every model can sustain, found by the pilot',
    line: { value: 'r' },
  },
  equal: {
    schema: { enum: ['status', 'headers', 'body', 'json'] },
    help: 'What the answers of all models must have in common: the status; the headers with it; type and body; or the same with JSON compared by its value. What varies from answer to answer of the baseline is left out by itself.',
    otherwise: 'body',
    line: { value: 'level' },
  },
  ignore: {
    schema: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    help: 'What else of the answers is not compared: $.now, $.items[*].id, $..requestId, header:x-request-id or body.',
    line: {
      value: 'place',
      words: 'each',
      help: 'What else of the answers is not compared: $.now, $.items[*].id, $..requestId, header:x-request-id or body; may be given several times.',
    },
  },
  prometheus: {
    schema: { type: 'boolean' },
    help: 'Watch the run with a private Prometheus, where it is installed; its data stays in the results folder. Each launch takes some 4 s longer, until Prometheus has found its units.',
    alternative: 'reader',
    line: { words: 'flag' },
  },
  targets: {
    schema: { type: 'string', minLength: 1 },
    help: 'Name the units of each launch in this folder to your own Prometheus (file_sd), e.g. dashboards/compose/targets.',
    alternative: 'reader',
    path: 'file',
    line: { value: 'dir' },
  },
  anyway: {
    schema: { type: 'boolean' },
    help: 'Measure even on a machine with a speed too unsteady to trust.',
    line: { words: 'flag' },
  },
} as const

/** The options of a comparison. */
export const COMPARE: typeof MODELS &
  typeof WORKLOADS &
  Omit<typeof LAUNCH, 'node'> &
  typeof COMPARISON &
  typeof RECORD &
  Omit<typeof SUBJECT, 'app'> &
  typeof DEPENDENCIES &
  typeof VARIANTS &
  typeof SERVERS &
  typeof METRICS &
  typeof THRESHOLDS = {
  models: withDefault(MODELS.models, COMPARED_MODELS.join(',')),
  workloads: withDefault(WORKLOADS.workloads, `those of your own, or ${COMPARED_WORKLOADS.join(',')}`),
  ...LAUNCH,
  ...COMPARISON,
  ...RECORD,
  ...SUBJECT,
  ...DEPENDENCIES,
  ...VARIANTS,
  ...SERVERS,
  ...METRICS,
  ...THRESHOLDS,
}
