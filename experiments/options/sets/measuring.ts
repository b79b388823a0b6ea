// oxlint-disable typescript/no-unnecessary-type-assertion -- declarations are made file by file, from what is written here
import { asArguments, required, withDefault } from '../option.ts'
import { LAUNCH } from './launch.ts'
import { MODELS } from './models.ts'
import { RECORD } from './record.ts'
import { DEPENDENCIES, OWN_WORKLOAD, SUBJECT, WORKLOADS } from './subject.ts'

/** The one workload of an experiment that has only one. */
export const WORKLOAD = {
  workload: {
    schema: {
      anyOf: [{ type: 'string', minLength: 1, title: 'the name of a workload' }, OWN_WORKLOAD as typeof OWN_WORKLOAD],
    },
    help: 'What the requests ask for: a workload by name, or one of your own.',
    otherwise: 'the only one of `workloads`, or cpu',
    alternative: 'requests',
    line: { value: 'name', help: 'What the requests ask for.' },
  },
} as const

/** Workloads that {@link WORKLOAD} can name. */
export const KNOWN_WORKLOADS = {
  workloads: {
    schema: WORKLOADS.workloads.schema as typeof WORKLOADS.workloads.schema,
    help: 'Workloads of your own that `workload` can name.',
    line: null,
  },
} as const

/** Options of every experiment that measures the capacity of models. */
export const MEASURING: typeof MODELS &
  typeof WORKLOAD &
  typeof KNOWN_WORKLOADS &
  typeof SUBJECT &
  typeof DEPENDENCIES &
  Pick<typeof LAUNCH, 'node' | 'python' | 'timeout'> &
  typeof RECORD = {
  ...MODELS,
  ...WORKLOAD,
  ...KNOWN_WORKLOADS,
  ...SUBJECT,
  ...DEPENDENCIES,
  node: LAUNCH.node,
  python: LAUNCH.python,
  timeout: LAUNCH.timeout,
  ...RECORD,
}

/** An objective. */
const SLO = {
  slo: {
    schema: { type: 'string', minLength: 1, title: "an objective like 'p99<200ms,errors<0.1%'" },
    reads: 'slo',
    help: "The objective, like 'p99<200ms,errors<0.1%'.",
    required: true,
    line: { value: 'goals' },
  },
} as const

/** Options of `scale` alone. */
export const SCALING = {
  workers: {
    schema: {
      anyOf: [
        { type: 'string', minLength: 1, title: 'worker counts like 1..8 or 1,2,4' },
        { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 128 } },
      ],
    },
    reads: 'counts',
    help: 'Worker counts: 1..8 or 1,2,4.',
    otherwise: '1 to twice the cores',
    line: { value: '1..4' },
  },
  blocks: {
    schema: { type: 'integer', minimum: 1, maximum: 100 },
    help: 'Blocks to measure; each launches every count once.',
    default: 5,
    alternative: 'extent',
    line: { value: 'n' },
  },
  budget: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a duration' },
    reads: 'duration',
    help: 'As many blocks as fit into this time.',
    alternative: 'extent',
    line: { value: '5m' },
  },
  rate: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a rate' },
    reads: 'rate',
    help: 'Also say how many workers this rate needs, by throughput alone: 900 or 54000/min.',
    line: { value: 'n' },
  },
  fromCsv: {
    schema: { type: 'string', minLength: 1, title: 'a file' },
    help: 'Measure nothing: fit, draw and plan with the throughput in this table, measured elsewhere against workers or concurrency.',
    path: 'file',
    line: { value: 'file' },
  },
} as const

/** Models that must be named. */
type RequiredModels = { readonly models: { readonly required: true } }

/** The options of `scale`. */
export const SCALE: typeof MEASURING & typeof SCALING = {
  ...SCALING,
  ...MEASURING,
  models: asArguments(MODELS.models, 'MODEL'),
}

/** Options of `capacity` alone. */
export const SEARCH = {
  budget: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a duration' },
    reads: 'duration',
    help: 'Time for each model.',
    default: '2m',
    line: { value: '2m' },
  },
  width: {
    schema: { type: ['string', 'number'], minimum: 0.005, maximum: 0.5, title: 'a percentage from 0.5% to 50%' },
    reads: 'share',
    help: 'How close the two bounds must come.',
    default: '5%',
    line: { value: '5%' },
  },
} as const

/** The options of `capacity`. */
export const HIGHEST_RATE: typeof SLO &
  Pick<typeof LAUNCH, 'workers'> &
  typeof SEARCH &
  typeof MEASURING &
  RequiredModels = {
  ...SLO,
  workers: LAUNCH.workers,
  ...SEARCH,
  ...MEASURING,
  models: required(asArguments(MODELS.models, 'MODEL')),
}

/** Models that a plan measures when none are named and no results are given. */
export const PLANNED_MODELS: readonly string[] = ['single', 'cluster', 'worker-pool']

/** Options of `plan` alone. */
export const PLANNING = {
  rate: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a rate' },
    reads: 'rate',
    help: 'Requests per second to plan for, like 900 or 54000/min.',
    required: true,
    line: { value: 'n' },
  },
  from: {
    schema: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    help: 'Plan with the results of scale, capacity or plan instead of measuring.',
    alternative: 'source',
    path: 'file',
    line: { value: 'dir,…', words: 'list' },
  },
  budget: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a duration' },
    reads: 'duration',
    help: 'Time to measure each model.',
    default: '90s',
    alternative: 'source',
    line: { value: '90s' },
  },
  cores: {
    schema: { type: 'integer', minimum: 1, maximum: 1024 },
    help: 'Cores of each machine.',
    otherwise: 'those of the machine measured on',
    line: { value: 'n' },
  },
  growth: {
    schema: { type: 'string', minLength: 1, title: 'a percentage per week, month, quarter or year' },
    reads: 'growth',
    help: 'Also say what is needed later.',
    line: { value: '30%/year' },
  },
  headroom: {
    schema: { type: ['string', 'number'], minimum: 0, maximum: 10, title: 'a percentage up to 1000%' },
    reads: 'share',
    help: 'Plan for this much above the rate.',
    default: '0%',
    line: { value: '20%' },
  },
  price: {
    schema: { type: 'string', minLength: 1, title: 'an amount with its currency, per core-hour' },
    reads: 'price',
    help: "What a core costs, like '0.04 USD/core-hour'.",
    line: { value: 'price' },
  },
  confirm: {
    schema: { type: 'boolean' },
    help: 'Run the answer for some seconds where this machine has the cores.',
    default: true,
    line: { flag: 'no-confirm', words: 'unflag', help: 'No real run of the answer.' },
  },
} as const

/** The options of `plan`. */
export const PLAN: typeof SLO & typeof PLANNING & typeof MEASURING = {
  ...SLO,
  ...PLANNING,
  ...MEASURING,
  models: withDefault(MEASURING.models, `${PLANNED_MODELS.join(',')}, or all in the results`),
}

/** Options of `validate-plan` alone. */
export const VALIDATING = {
  budget: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a duration' },
    reads: 'duration',
    help: 'Time for each model.',
    default: '20m',
    line: { value: '20m' },
  },
  cases: {
    schema: { type: 'integer', minimum: 0, maximum: 200 },
    help: 'Worker counts to plan and try out; 0 = none.',
    default: 20,
    line: { value: 'n' },
  },
  from: {
    schema: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    help: 'Validate with results of `capacity` (one worker, more workers) instead of measuring.',
    path: 'file',
    line: { value: 'dir,…', words: 'list' },
  },
} as const

/** The options of `validate-plan`. */
export const VALIDATE_PLAN: typeof VALIDATING & typeof MEASURING = {
  ...VALIDATING,
  ...MEASURING,
  models: asArguments(MODELS.models, 'MODEL'),
}
