/** Server models by name. */
export const MODELS = {
  models: {
    schema: {
      anyOf: [
        { const: 'all', title: '"all"' },
        {
          type: 'array',
          minItems: 1,
          title: 'a list of at least one model',
          items: { type: 'string', minLength: 1, title: 'the name of a model' },
        },
      ],
    },
    help: 'Server models by name, or "all": every one that can run here.',
    line: { value: 'a,b', words: 'list' },
  },
} as const

/** Servers that run already. */
export const SERVERS = {
  servers: {
    schema: {
      type: 'array',
      items: {
        type: 'object',
        title: 'a server with its name and address',
        properties: {
          name: {
            type: 'string',
            pattern: '^(?!all$)[A-Za-z0-9][A-Za-z0-9._-]{0,39}$',
            title: 'a word of letters, digits, dots, dashes and underscores',
            description: 'Its name in reports and thresholds.',
          },
          url: {
            type: 'string',
            minLength: 1,
            description: 'Where it listens on this machine, e.g. http://127.0.0.1:8080.',
          },
          pid: {
            type: 'integer',
            minimum: 1,
            maximum: 4194304,
            description: 'Its root process, for its CPU and memory.',
          },
        },
        required: ['name', 'url'],
        additionalProperties: false,
      },
    },
    help: 'Servers that run already on this machine, in any language. They are driven like the others, but never started or ended. Without an app and models, they alone are compared.',
    line: { words: 'servers' },
  },
} as const
