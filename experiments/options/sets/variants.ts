/** What variants may be called: it becomes part of file names, metric labels and thresholds. */
export const VARIANT_NAME = {
  type: 'string',
  pattern: '^(?!all$)[A-Za-z0-9][A-Za-z0-9._-]{0,39}$',
  title: 'a word of letters, digits, dots, dashes and underscores',
} as const

const WORDS_BY_NAME = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { type: 'string', minLength: 1 },
} as const

/** What may differ between the things that are compared, beside the server model. */
export const VARIANTS = {
  app: {
    schema: {
      anyOf: [
        { type: 'string', minLength: 1, title: 'a file' },
        { ...WORDS_BY_NAME, title: 'files by name' } as typeof WORDS_BY_NAME,
      ],
    },
    help: 'Your own app: the file that `node FILE` would start. It listens on PORT, or exports an app (Express, Koa, Fastify, Hono, a listener, createApp()). Several, each with a name, are compared with each other.',
    path: 'file',
    alternative: 'app',
    line: { value: '[name=]file', words: 'named' },
  },
  node: {
    schema: {
      anyOf: [
        { type: 'string', minLength: 1, title: 'a program' },
        { ...WORDS_BY_NAME, title: 'programs by name' } as typeof WORDS_BY_NAME,
      ],
    },
    help: 'Run the measured processes on this Node. Several, each with a name, are compared with each other.',
    path: 'name',
    line: { value: '[name=]path', words: 'named' },
  },
  refs: {
    schema: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: { type: 'string', minLength: 1, title: 'a git revision' },
    },
    help: 'Revisions of the git repository around the app, to be compared with each other; one alone is compared with the files as they are now. Each is checked out into a folder of its own, which is removed at the end.',
    line: {
      flag: 'ref',
      value: 'rev',
      words: 'each',
      help: 'A git revision of the app; may be given several times. One alone is compared with the files as they are now. Each is checked out into a folder of its own, which is removed at the end.',
    },
  },
  build: {
    schema: { type: 'string', pattern: '\\S', title: 'a command' },
    help: 'Command that builds the app in the folder of each revision, e.g. "npm ci && npm run build".',
    otherwise: 'none; the node_modules of the current folder are used',
    line: { value: 'command' },
  },
  variants: {
    schema: {
      type: 'array',
      minItems: 1,
      maxItems: 32,
      items: {
        type: 'object',
        title: 'a variant with its name',
        properties: {
          name: { ...VARIANT_NAME, description: 'Its name in reports and thresholds.' } as typeof VARIANT_NAME,
          model: { type: 'string', minLength: 1, description: 'Its server model; the one of `models` unless given.' },
          workers: { type: 'integer', minimum: 1, maximum: 128 },
          app: { type: 'string', minLength: 1 },
          node: { type: 'string', minLength: 1 },
          python: { type: 'string', minLength: 1, description: 'Interpreter of a model in Python.' },
          env: { type: 'object', additionalProperties: { type: 'string' }, description: 'Environment variables.' },
          nodeArgs: { type: 'string', minLength: 1, description: 'Options of Node that NODE_OPTIONS can have.' },
        },
        required: ['name'],
        additionalProperties: false,
      },
    },
    help: 'What is compared, one by one: each has a name and says what differs: model, workers, app, node, python, env, nodeArgs.',
    line: {
      flag: 'variant',
      value: 'name=…,key=value',
      words: 'variants',
      help: 'A variant, e.g. name=pool8,model=worker-pool,workers=8,env.UV_THREADPOOL_SIZE=8,nodeArgs=--max-semi-space-size=64; keys: model, workers, app, node, python, env.NAME, nodeArgs. May be given several times.',
    },
  },
} as const
