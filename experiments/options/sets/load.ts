import { AGENTS } from './agents.ts'
import { RECORD } from './record.ts'
import { SUBJECT } from './subject.ts'

/** How one address is loaded. */
export const LOADING = {
  url: {
    schema: { type: 'string', minLength: 1, title: 'an http or https address' },
    help: 'The address to load.',
    required: true,
    line: { value: 'URL', words: 'argument' },
  },
  connections: {
    schema: { type: 'integer', minimum: 1, maximum: 10000 },
    help: 'Closed loop with this many connections.',
    default: 10,
    alternative: 'loop',
    line: { value: 'n' },
  },
  rate: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, title: 'a rate' },
    reads: 'rate',
    help: 'Open loop at this rate, e.g. 900 or 54000/min.',
    alternative: 'loop',
    line: { value: 'r' },
  },
  arrivals: {
    schema: { enum: ['poisson', 'constant'] },
    help: 'With a rate: arrivals as of independent users, or evenly spaced.',
    default: 'poisson',
    line: { value: 'poisson|constant' },
  },
  duration: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, maximum: 86400, title: 'a duration up to a day' },
    reads: 'duration',
    help: 'Length of the counted part.',
    default: '10s',
    line: { short: 'd', value: '10s' },
  },
  warmup: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, maximum: 86400, title: 'a duration up to a day' },
    reads: 'duration',
    help: 'Load for this time before anything counts.',
    otherwise: 'none',
    line: { value: '2s' },
  },
  timeout: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, maximum: 600, title: 'a duration up to 10 minutes' },
    reads: 'duration',
    help: 'Give a request up after this time.',
    default: '5s',
    line: { value: '5s' },
  },
  maxConnections: {
    schema: { type: 'integer', minimum: 1, maximum: 10000 },
    help: 'With a rate: most connections open at once; arrivals beyond wait.',
    default: 1000,
    line: { value: 'n' },
  },
  minConnections: {
    schema: { type: 'integer', minimum: 1, maximum: 10000 },
    help: 'With a rate: connections to open before one is used again.',
    otherwise: 'one is opened when none is free',
    line: { value: 'n' },
  },
  requestsPerConnection: {
    schema: { type: 'integer', minimum: 1, maximum: 1000000 },
    help: 'With a rate: requests after which the client closes a connection.',
    otherwise: 'it is kept',
    line: { value: 'n' },
  },
  retries: {
    schema: { type: 'integer', minimum: 0, maximum: 100 },
    help: 'With a rate: how often a request is tried again after a timeout, a broken connection or 502, 503, 504.',
    default: 0,
    line: { value: 'n' },
  },
  retryBackoff: {
    schema: { type: ['string', 'number'], minimum: 0, maximum: 60, title: 'a duration up to a minute' },
    reads: 'duration',
    help: 'Pause before the first retry, doubled for each further one; up to half of it is left out at random.',
    otherwise: 'at once',
    line: { value: '100ms' },
  },
  retryBudget: {
    schema: { type: ['string', 'number'], minimum: 0, maximum: 1, title: 'a share of one' },
    reads: 'share',
    help: 'Most retries as a share of the requests.',
    otherwise: 'any number',
    line: { value: '10%' },
  },
} as const

/** The options of `load`. */
export const LOAD: typeof LOADING &
  typeof AGENTS &
  Pick<typeof SUBJECT, 'method' | 'headers' | 'body' | 'expect'> &
  Pick<typeof RECORD, 'seed'> = {
  ...LOADING,
  seed: RECORD.seed,
  method: SUBJECT.method,
  headers: SUBJECT.headers,
  body: SUBJECT.body,
  expect: SUBJECT.expect,
  ...AGENTS,
}
