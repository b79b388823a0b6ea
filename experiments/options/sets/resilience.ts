// oxlint-disable typescript/no-unnecessary-type-assertion -- declarations are made file by file, from what is written here
import { faultIds } from '../../faults/faults.ts'
import { withDefault } from '../option.ts'
import { LAUNCH } from './launch.ts'
import { MODELS } from './models.ts'
import { RECORD } from './record.ts'

/** Models that faults are injected into when none are named, where they can run: they differ most and need little. */
export const FAULTED_MODELS: readonly string[] = [
  'single',
  'cluster',
  'reuse-port',
  'pm2-fork',
  'pm2-cluster',
  'nginx-fork',
  'worker-pool',
]

/** Workers of each model when nothing is said. */
export const FAULTED_WORKERS = 2

/** Options of `resilience` alone. */
export const FAULTING = {
  faults: {
    schema: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1, title: 'the name of a fault' } },
    help: `Faults by name: ${faultIds().join(', ')}.` as string,
    otherwise: 'all',
    line: { value: 'a,b', words: 'list' },
  },
  repeats: {
    schema: { type: 'integer', minimum: 1, maximum: 50 },
    help: 'Launches for each figure.',
    default: 3,
    alternative: 'extent',
    line: { value: 'n' },
  },
  quick: {
    schema: { type: 'boolean' },
    help: 'One launch for each figure: shows what can happen, not how often.',
    alternative: 'extent',
    line: { words: 'flag' },
  },
} as const

/** The options of `resilience`. */
export const RESILIENCE: typeof MODELS &
  typeof FAULTING &
  Pick<typeof LAUNCH, 'workers' | 'node' | 'python'> &
  typeof RECORD = {
  models: withDefault(MODELS.models, `those of ${FAULTED_MODELS.join(', ')} that can run here`),
  ...FAULTING,
  workers: withDefault(LAUNCH.workers, String(FAULTED_WORKERS)),
  node: LAUNCH.node,
  python: LAUNCH.python,
  ...RECORD,
}
