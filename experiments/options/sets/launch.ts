/** How servers are started and requests are given up. */
export const LAUNCH = {
  workers: {
    schema: { type: 'integer', minimum: 1, maximum: 128 },
    help: 'Workers per model.',
    otherwise: 'one per core for the server',
    line: { value: 'n' },
  },
  node: {
    schema: { type: 'string', minLength: 1 },
    help: 'Run the measured processes on this Node.',
    path: 'name',
    line: { value: 'path' },
  },
  python: {
    schema: { type: 'string', minLength: 1 },
    help: 'Run the models in Python on this interpreter: pypy3, a free-threaded CPython.',
    path: 'name',
    line: { value: 'path' },
  },
  timeout: {
    schema: { type: ['string', 'number'], exclusiveMinimum: 0, maximum: 600, title: 'a duration up to 10 minutes' },
    reads: 'duration',
    help: 'Give a request up after this time.',
    default: '5s',
    line: { value: '5s' },
  },
} as const

/** Whether the servers measure themselves. */
export const METRICS = {
  metrics: {
    schema: { enum: [true, false, 'on', 'off'], title: 'on or off' },
    reads: 'switch',
    help: 'Measure with or without the servers’ own metrics.',
    default: true,
    line: { value: 'on|off' },
  },
} as const
