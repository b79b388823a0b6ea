import { asArguments, required, withDefault } from '../option.ts'
import { LAUNCH } from './launch.ts'
import { KNOWN_WORKLOADS, WORKLOAD } from './measuring.ts'
import { MODELS } from './models.ts'
import { RECORD } from './record.ts'

/** Options of `fairness` alone. */
export const SPREADING = {
  connections: {
    schema: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 10000 } },
    help: 'Numbers of connections, one after another.',
    default: [2, 4, 8, 16, 32, 64, 128],
    line: { value: '4,8,…', words: 'list' },
  },
  launches: {
    schema: { type: 'integer', minimum: 1, maximum: 50 },
    help: 'Launches of each model.',
    default: 3,
    line: { value: 'n' },
  },
} as const

/** The options of `fairness`. */
export const FAIRNESS: typeof MODELS & { readonly models: { readonly required: true } } & typeof SPREADING &
  Pick<typeof LAUNCH, 'workers'> &
  typeof WORKLOAD &
  typeof KNOWN_WORKLOADS &
  Pick<typeof RECORD, 'seed'> = {
  models: required(asArguments(MODELS.models, 'MODEL')),
  ...SPREADING,
  workers: withDefault(LAUNCH.workers, '4, whatever the cores'),
  workload: withDefault(WORKLOAD.workload, 'io'),
  ...KNOWN_WORKLOADS,
  seed: RECORD.seed,
}
