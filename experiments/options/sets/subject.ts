// oxlint-disable typescript/no-unnecessary-type-assertion -- declarations are made file by file, from what is written here
/** One request of a mix, where a path alone does not say enough. */
const REQUEST = {
  type: 'object',
  title: 'a request',
  properties: {
    path: { type: 'string', pattern: '^/', title: 'a path that begins with a slash', description: 'Path and query.' },
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] },
    weight: { type: 'number', exclusiveMinimum: 0, description: 'Share of the mix relative to the other weights.' },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    body: { description: 'Text, or anything else to be sent as JSON.' },
    expectStatus: { type: 'integer', minimum: 100, maximum: 599 },
  },
  required: ['path'],
  additionalProperties: false,
} as const

/** What is asked of which app. */
export const SUBJECT = {
  app: {
    schema: { type: 'string', minLength: 1 },
    help: 'Your own app: the file that `node FILE` would start. It listens on PORT, or exports an app (Express, Koa, Fastify, Hono, a listener, createApp()).',
    path: 'file',
    alternative: 'app',
    line: { value: 'file' },
  },
  start: {
    schema: { type: 'string', pattern: '\\S', title: 'a command' },
    help: 'Instead of an app: a command that starts anything that listens on $PORT, e.g. "next start -p $PORT". For models that only run processes: single, pm2-fork, and NGINX or HAProxy in front.',
    alternative: 'app',
    line: { value: 'command' },
  },
  appPort: {
    schema: { type: 'integer', minimum: 0, maximum: 65_535 },
    help: 'The port to measure where the app listens on several, as the app sets it.',
    line: { value: 'p' },
  },
  paths: {
    schema: {
      type: 'array',
      minItems: 1,
      items: {
        anyOf: [{ type: 'string', minLength: 1, title: 'a path' }, REQUEST as typeof REQUEST],
      },
    },
    help: 'What to request: /orders/42, 9:/orders (weight 9), 1:POST /orders; or requests in full.',
    alternative: 'requests',
    line: {
      flag: 'path',
      value: 'path',
      words: 'each',
      help: 'A path to request, e.g. /orders/42, 9:/orders (weight 9) or "1:POST /orders"; may be given several times.',
    },
  },
  requests: {
    schema: { type: 'string', minLength: 1, title: 'a file' },
    help: 'What to request, from a file: JSON with a list as `paths` has it, or a HAR saved by a browser.',
    path: 'file',
    alternative: 'requests',
    line: { value: 'file' },
  },
  method: {
    schema: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] },
    help: 'Method of the paths that name none.',
    otherwise: 'GET, or POST with a body',
    line: { short: 'm', value: 'GET' },
  },
  headers: {
    schema: { type: 'object', additionalProperties: { type: 'string' }, title: 'an object of names and values' },
    help: 'Headers that every request carries, e.g. a token.',
    line: {
      flag: 'header',
      short: 'H',
      value: 'name: value',
      words: 'headers',
      help: 'A header that every request carries; may be given several times.',
    },
  },
  body: {
    schema: { description: 'Text, bytes, or anything else to be sent as JSON.' },
    help: 'Body of the requests for the paths that name none.',
    line: { value: 'text', help: 'Body of the requests; @file reads it from a file.' },
  },
  expect: {
    schema: { type: 'integer', minimum: 200, maximum: 599 },
    help: 'The status that counts as the right answer to the paths.',
    default: 200,
    line: { value: 'status' },
  },
  rows: {
    schema: { type: 'string', minLength: 1, title: 'a file' },
    help: 'Values for placeholders like {{id}} in paths, headers and bodies: CSV with headings, or JSON lines. Each request takes the next row, in an order that the seed decides.',
    path: 'file',
    line: { value: 'file' },
  },
  setup: {
    schema: { type: 'string', minLength: 1, title: 'a file' },
    help: 'A module whose function setup(target) prepares each launch before it is asked, and gives headers and values for placeholders, e.g. a token.',
    path: 'file',
    line: { value: 'file' },
  },
} as const

/** What the app calls beside the server that is measured. */
export const DEPENDENCIES = {
  dependencies: {
    schema: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'string', pattern: '^(?:(?:pid|port):)?[1-9]\\d{0,6}$', title: 'pid:4711, port:5432, or a number' },
          { type: 'integer', minimum: 1, maximum: 9_999_999 },
        ],
      },
    },
    help: "Processes of your own that the app calls, a database say: port:5432, pid:4711, or the number alone where it is only one of the two. Their CPU is counted apart from other programs', and no block is dropped for it. Processes that the app starts itself count as the app.",
    line: {
      flag: 'dependency',
      value: 'pid|port',
      words: 'each',
      help: "A process of your own that the app calls, a database say: port:5432, pid:4711, or the number alone; may be given several times. Its CPU is counted apart from other programs', and no block is dropped for it. Processes that the app starts itself count as the app.",
    },
  },
} as const

/** A weighted mix of requests of one's own. */
export const OWN_WORKLOAD = {
  type: 'object',
  title: 'a workload',
  properties: {
    id: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
      title: 'a name of at most 40 small letters, digits and dashes',
      description: 'Its name in reports and thresholds.',
    },
    title: { type: 'string' },
    paths: {
      type: 'array',
      minItems: 1,
      items: {
        anyOf: [{ type: 'string', minLength: 1, title: 'a path' }, REQUEST as typeof REQUEST],
      },
    },
    connectionsPerWorker: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      description: 'Connections of the closed loop for each core that works; 32 unless given.',
    },
  },
  required: ['id', 'paths'],
  additionalProperties: false,
} as const

/** Workloads to compare, and workloads of one's own. */
export const WORKLOADS = {
  workloads: {
    schema: {
      type: 'array',
      minItems: 1,
      items: {
        anyOf: [{ type: 'string', minLength: 1, title: 'the name of a workload' }, OWN_WORKLOAD as typeof OWN_WORKLOAD],
      },
    },
    help: 'Built-in workloads by name, or workloads of your own.',
    alternative: 'requests',
    line: { value: 'x,y', words: 'list', help: 'Workloads by name.' },
  },
} as const
