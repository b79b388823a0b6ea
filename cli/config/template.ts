/** What a new configuration starts from. */
export interface TemplateFacts {
  /** The user's app, relative to the configuration, or null when none was found. */
  readonly app: string | null
  /** Whether `.js` files of the folder are ES modules. */
  readonly esm: boolean
  /** Where the JSON schema is, relative to the configuration or absolute. */
  readonly schema: string
}

/** A commented `forkwise.config.js`: what is set is enough for a run, the rest shows what could be. */
export function configScript({ app, esm }: TemplateFacts): string {
  const subject =
    app === null
      ? `  // Your own app: a module that exports an Express app, a request listener or createApp(), or calls listen() itself.
  // Without one, the built-in handlers are compared.
  // app: './app.js',

  // What to request of it: '/orders/42', '9:/orders' (weight 9), '1:POST /orders'.
  // paths: ['/'],
`
      : `  // Your own app: a module that exports an Express app, a request listener or createApp(), or calls listen() itself.
  app: ${JSON.stringify(app)},

  // What to request of it: '/orders/42', '9:/orders' (weight 9), '1:POST /orders'. Each must be answered with 200.
  paths: ['/'],
`
  return `// What \`npx forkwise compare\` does in this folder. Options on the command line win over it.
// Every setting is described in docs/CONFIG.md of Forkwise.
/** @type {import('forkwise').ForkwiseConfig} */
${esm ? 'export default' : 'module.exports ='} {
${subject}
  // Workloads by name (cpu, io, mixed), or your own where a path alone does not say enough:
  // workloads: [
  //   {
  //     id: 'orders',
  //     paths: ['9:/orders/42', { path: '/orders', method: 'POST', body: { item: 7 }, expectStatus: 201 }],
  //   },
  // ],

  // Server models, or 'all' that can run here: see \`npx forkwise list models\`.
  models: ['single', 'cluster', 'pm2-fork', 'worker-pool'],

  // Servers that run already on this machine, in any language; they are never started or ended.
  // servers: [{ name: 'django', url: 'http://127.0.0.1:8080', pid: 4711 }],

  // Workers per model; one per core for the server unless set.
  // workers: 4,

  // How long: quick (a pilot of under three minutes), a budget, or a number of blocks.
  budget: '5m',

  // Thresholds for pipelines: exit code 5 when one is missed.
  // assert: ['cluster/${app === null ? 'cpu' : 'own'} throughput >= 1.5x single'],
  // undecided: 'warn',
  // junit: 'forkwise.xml',
}
`
}

/** The same as JSON, which has no comments but a schema that editors know. */
export function configJson({ app, schema }: TemplateFacts): string {
  const config = {
    $schema: schema,
    ...(app === null ? {} : { app, paths: ['/'] }),
    models: ['single', 'cluster', 'pm2-fork', 'worker-pool'],
    budget: '5m',
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
