// oxlint-disable typescript/no-unnecessary-type-assertion -- declarations are made file by file, from what is written here
import { faultIds } from '../../faults/faults.ts'
import { withDefault } from '../option.ts'
import { LAUNCH } from './launch.ts'
import { KNOWN_WORKLOADS, WORKLOAD } from './measuring.ts'
import { SUBJECT } from './subject.ts'

/** One server that runs until it is stopped. */
export const LIVE = {
  model: {
    schema: { type: 'string', minLength: 1, title: 'the name of a model' },
    help: 'The server model to run.',
    required: true,
    line: { value: 'MODEL', words: 'argument' },
  },
  port: {
    schema: { type: 'integer', minimum: 0, maximum: 65535 },
    help: 'Port of the server; 0 for any free one.',
    default: 3000,
    line: { value: 'p' },
  },
} as const

/** What a server that runs until it is stopped may use. */
export const QUOTA = {
  cpuQuota: {
    schema: { type: 'number', minimum: 0.05, maximum: 1024 },
    help: 'Cores whose CPU time all processes of the server may use together, as in a container with a limit; it takes Linux and a control group that may be written into.',
    otherwise: 'no limit',
    line: { value: 'cores' },
  },
} as const

/** The options of `serve`. */
export const SERVE: typeof LIVE &
  Pick<typeof LAUNCH, 'workers' | 'node' | 'python'> &
  Pick<typeof SUBJECT, 'app' | 'start' | 'appPort'> &
  typeof QUOTA = {
  ...LIVE,
  workers: withDefault(LAUNCH.workers, 'one per core'),
  app: SUBJECT.app,
  start: SUBJECT.start,
  appPort: SUBJECT.appPort,
  node: LAUNCH.node,
  python: LAUNCH.python,
  ...QUOTA,
}

/** Options of `observe` alone. */
export const OBSERVING = {
  rate: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a rate' },
    reads: 'rate',
    help: 'Drive the server as an open loop at this rate, e.g. 200/s.',
    otherwise: 'a closed loop',
    line: { value: 'r' },
  },
  faults: {
    schema: { type: 'array', items: { type: 'string', minLength: 1, title: 'a fault like kill@10s' } },
    help: `Faults to inject, each at its time after the start (default 10s): kill@20s. There are ${faultIds().join(', ')}.` as string,
    default: [],
    line: {
      flag: 'fault',
      value: 'name[@t]',
      words: 'each',
      help: `Inject a fault at a time after the start (default 10s), e.g. kill@20s: ${faultIds().join(', ')}. May be given several times.` as string,
    },
  },
  duration: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a duration' },
    reads: 'duration',
    help: 'End by itself after this time.',
    line: { value: 't' },
  },
  prometheusPort: {
    schema: { type: 'integer', minimum: 0, maximum: 65535 },
    help: 'Port of Prometheus.',
    otherwise: 'any free one',
    alternative: 'reader',
    line: { value: 'p' },
  },
  targets: {
    schema: { type: 'string', minLength: 1 },
    help: 'Start no Prometheus, but name the units to your own in this folder (file_sd).',
    alternative: 'reader',
    path: 'file',
    line: { value: 'dir' },
  },
} as const

/** The options of `observe MODEL`. */
export const OBSERVE: typeof SERVE & typeof WORKLOAD & typeof KNOWN_WORKLOADS & typeof SUBJECT & typeof OBSERVING = {
  ...SERVE,
  ...SUBJECT,
  workload: withDefault(WORKLOAD.workload, 'none: the server is not driven'),
  ...KNOWN_WORKLOADS,
  ...OBSERVING,
}
