import { COMMON } from '../../experiments/options/configuration.ts'
import type { OptionSet } from '../../experiments/options/option.ts'
import { COMPARISON } from '../../experiments/options/sets/comparison.ts'
import { THRESHOLDS } from '../../experiments/options/sets/thresholds.ts'
import { wrapText } from '../../report/table.ts'

/** What a new configuration starts from. */
export interface TemplateFacts {
  /** The user's app, relative to the configuration, or null when none was found. */
  readonly app: string | null
  /** The command that starts it instead, or null. */
  readonly start: string | null
  /** Paths that it answers. */
  readonly paths: readonly string[]
  /** Server models that can run it. */
  readonly models: readonly string[]
  /** Whether `.js` files of the folder are ES modules. */
  readonly esm: boolean
  /** Where the JSON schema is, relative to the configuration or absolute. */
  readonly schema: string
}

/** One setting of the template: what is set is enough for a run, the rest shows what could be. */
interface Sample {
  readonly key: string
  readonly value: string
  readonly isSet: boolean
}

const BUDGET = '5m'
const ORDERS = `[
  {
    id: 'orders',
    paths: ['9:/orders/42', { path: '/orders', method: 'POST', body: { item: 7 }, expectStatus: 201 }],
  },
]`

/** A commented `forkwise.config.js`. What is said of each setting comes from its definition. */
export function configScript({ app, start, paths, models, esm }: TemplateFacts): string {
  const isOwn = app !== null || start !== null
  const common: readonly Sample[] = [
    start === null
      ? { key: 'app', value: quote(app ?? './app.js'), isSet: app !== null }
      : { key: 'start', value: quote(start), isSet: true },
    { key: 'paths', value: listOf(paths), isSet: isOwn },
    { key: 'headers', value: "{ authorization: 'Bearer 123' }", isSet: false },
    { key: 'workloads', value: ORDERS, isSet: false },
    { key: 'models', value: listOf(models), isSet: true },
    { key: 'servers', value: "[{ name: 'django', url: 'http://127.0.0.1:8080', pid: 4711 }]", isSet: false },
    { key: 'workers', value: '4', isSet: false },
  ]
  const compare: readonly Sample[] = [
    { key: 'budget', value: quote(BUDGET), isSet: true },
    { key: 'assert', value: `['cluster/${isOwn ? 'own' : 'cpu'} throughput >= 1.5x single']`, isSet: false },
    { key: 'undecided', value: "'warn'", isSet: false },
    { key: 'junit', value: "'forkwise.xml'", isSet: false },
  ]
  return `// What Forkwise does in this folder. Options on the command line win over it.
// Every setting is described in docs/CONFIG.md of Forkwise.
/** @type {import('forkwise').ForkwiseConfig} */
${esm ? 'export default' : 'module.exports ='} {
${common.map((sample) => sampleText(sample, COMMON, '  ')).join('\n\n')}

  // What only \`npx forkwise compare\` reads; other commands have sections of their own.
  compare: {
${compare.map((sample) => sampleText(sample, { ...COMPARISON, ...THRESHOLDS }, '    ')).join('\n\n')}
  },
}
`
}

/** The same as JSON, which has no comments but a schema that editors know. */
export function configJson({ app, start, paths, models, schema }: TemplateFacts): string {
  const config = {
    $schema: schema,
    ...(app === null ? {} : { app }),
    ...(start === null ? {} : { start }),
    ...(app === null && start === null ? {} : { paths }),
    models,
    compare: { budget: BUDGET },
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

function sampleText({ key, value, isSet }: Sample, set: OptionSet, indent: string): string {
  const [help = ''] = set[key]?.help.split('\n') ?? []
  const comment = wrapText(help.replace(/ Each reads:.*$/, ''), 110).map((line) => `${indent}// ${line}`)
  const setting = `${key}: ${value},`.split('\n').map((line) => `${indent}${isSet ? '' : '// '}${line}`)
  return [...comment, ...setting].join('\n')
}

function listOf(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
