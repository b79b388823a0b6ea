import { ASSERTION_GRAMMAR } from '../../analysis/comparison/assertion.ts'

const NAMES = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 }

const REQUEST: Readonly<Record<string, unknown>> = {
  type: ['string', 'object'],
  description: 'A path such as /orders/42, 9:/orders (weight 9) or 1:POST /orders; or a request in full.',
  properties: {
    path: { type: 'string', pattern: '^/', description: 'Path and query.' },
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] },
    weight: { type: 'number', exclusiveMinimum: 0, description: 'Share of the mix relative to the other weights.' },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    body: { description: 'Text, or anything else to be sent as JSON.' },
    expectStatus: { type: 'integer', minimum: 100, maximum: 599 },
  },
  required: ['path'],
  additionalProperties: false,
}

/** JSON schema of a configuration; docs/forkwise.config.schema.json is made of it. */
export const CONFIG_SCHEMA: Readonly<Record<string, unknown>> = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'forkwise compare',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    app: {
      type: 'string',
      minLength: 1,
      description:
        'Your own app: a module that exports an Express app, a listener or createApp(). Relative to this file.',
    },
    paths: { ...NAMES, description: 'What to request: /orders/42, 9:/orders (weight 9), 1:POST /orders.' },
    workloads: {
      type: 'array',
      minItems: 1,
      description: 'Built-in workloads by name, or workloads of your own.',
      items: {
        type: ['string', 'object'],
        properties: {
          id: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,39}$' },
          title: { type: 'string' },
          paths: { type: 'array', minItems: 1, items: REQUEST },
          connectionsPerWorker: { type: 'integer', minimum: 1, maximum: 1000 },
        },
        required: ['id', 'paths'],
        additionalProperties: false,
      },
    },
    models: {
      type: ['string', 'array'],
      pattern: '^all$',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: 'Server models by name, or "all" that can run here.',
    },
    servers: {
      type: 'array',
      description: 'Servers that run already on this machine, in any language.',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          url: { type: 'string' },
          pid: { type: 'integer', minimum: 1 },
        },
        required: ['name', 'url'],
        additionalProperties: false,
      },
    },
    workers: { type: 'integer', minimum: 1, maximum: 128, description: 'Workers per model.' },
    baseline: { type: 'string', description: 'The model that the others are compared with.' },
    quick: { type: 'boolean', description: 'A pilot of under three minutes.' },
    budget: { type: 'string', description: 'The time that the run is to fill, e.g. 10m.' },
    blocks: { type: 'integer', minimum: 2, maximum: 200, description: 'Blocks to measure.' },
    seed: { type: 'integer', minimum: 0, maximum: 0xffffffff },
    out: { type: 'string', minLength: 1, description: 'Folder for the results; it must be new or empty.' },
    node: { type: 'string', minLength: 1, description: 'Runs the measured processes on this Node.' },
    timeout: { type: 'string', description: 'Time after which a request is given up, e.g. 5s.' },
    metrics: { type: 'boolean', description: "False measures without the servers' own metrics." },
    prometheus: { type: 'boolean', description: 'True watches the run with a private Prometheus.' },
    assert: { ...NAMES, description: `Thresholds: ${ASSERTION_GRAMMAR}` },
    undecided: { enum: ['fail', 'warn'], description: 'What a threshold does that noise leaves undecided.' },
    junit: { type: 'string', minLength: 1, description: 'JUnit file for what became of the thresholds.' },
  },
  additionalProperties: false,
}
