import type { ProblemList } from '../../core/errors.ts'
import type { JsonSchema } from '../../core/expectation.ts'
import { unknownName } from '../../core/names.ts'
import { quoted } from '../../core/quotes.ts'
import type { SetupHook } from '../../loadtest/setup-hook.ts'
import { fileSource, GivenOptions } from './given.ts'
import type { ConfiguredOf, OptionSet } from './option.ts'
import { readSettings } from './settings.ts'
import { COMPARE } from './sets/comparison.ts'
import { FAIRNESS } from './sets/fairness.ts'
import { LAUNCH, METRICS } from './sets/launch.ts'
import { OBSERVE, SERVE } from './sets/live.ts'
import { LOAD } from './sets/load.ts'
import { HIGHEST_RATE, PLAN, SCALE, VALIDATE_PLAN } from './sets/measuring.ts'
import { MODELS, SERVERS } from './sets/models.ts'
import { RECORD } from './sets/record.ts'
import { RESILIENCE } from './sets/resilience.ts'
import { DEPENDENCIES, SUBJECT, WORKLOADS } from './sets/subject.ts'

/** Settings that hold for every command that has an option of the same name and meaning. */
export const COMMON: typeof SUBJECT &
  typeof DEPENDENCIES &
  typeof WORKLOADS &
  typeof MODELS &
  typeof SERVERS &
  typeof LAUNCH &
  typeof METRICS &
  Pick<typeof RECORD, 'seed'> = {
  ...SUBJECT,
  ...DEPENDENCIES,
  ...WORKLOADS,
  ...MODELS,
  ...SERVERS,
  ...LAUNCH,
  ...METRICS,
  seed: RECORD.seed,
}

/** The commands that a configuration can have a section for, with their options. */
export const SECTIONS: {
  readonly compare: typeof COMPARE
  readonly scale: typeof SCALE
  readonly capacity: typeof HIGHEST_RATE
  readonly plan: typeof PLAN
  readonly 'validate-plan': typeof VALIDATE_PLAN
  readonly resilience: typeof RESILIENCE
  readonly observe: typeof OBSERVE
  readonly serve: typeof SERVE
  readonly fairness: typeof FAIRNESS
  readonly load: typeof LOAD
} = {
  compare: COMPARE,
  scale: SCALE,
  capacity: HIGHEST_RATE,
  plan: PLAN,
  'validate-plan': VALIDATE_PLAN,
  resilience: RESILIENCE,
  observe: OBSERVE,
  serve: SERVE,
  fairness: FAIRNESS,
  load: LOAD,
}

/** A command that reads the configuration. */
export type ConfiguredCommand = keyof typeof SECTIONS

/**
 * What `forkwise.config.ts`, `.js` or `.json` may hold. What is common to all commands stands at the top, the rest in a
 * section for each command. Options of `compare` may stand at the top, too, for one more version.
 */
export type ForkwiseConfig = { readonly $schema?: string } & Omit<ConfiguredOf<typeof COMMON>, 'setup'> &
  Omit<ConfiguredOf<typeof COMPARE>, 'setup'> &
  ConfiguredSetup & {
    readonly [Command in ConfiguredCommand]?: ConfiguredOf<(typeof SECTIONS)[Command]>
  }

interface ConfiguredSetup {
  /** A file, or the function itself: prepares each launch, and gives headers and values for placeholders. */
  readonly setup?: string | SetupHook
}

/** Gives the configuration back unchanged; it is there for the types. */
export function defineConfig(config: ForkwiseConfig): ForkwiseConfig {
  return config
}

/** JSON schema of a configuration, for editors; docs/forkwise.config.schema.json is made of it. */
export function configurationSchema(): JsonSchema {
  const sections = Object.entries<OptionSet>(SECTIONS).map(([command, set]) => [
    command,
    { ...objectSchema(set), description: `What \`forkwise ${command}\` does.` },
  ])
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of Forkwise',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      ...propertiesOf({ ...COMPARE, ...COMMON }),
      ...(Object.fromEntries(sections) as JsonSchema),
    },
    additionalProperties: false,
  }
}

function objectSchema(set: OptionSet): JsonSchema {
  return { type: 'object', properties: propertiesOf(set), additionalProperties: false }
}

function propertiesOf(set: OptionSet): JsonSchema {
  return Object.fromEntries(
    Object.entries(set).map(([key, { schema, help, default: fallback }]) => [
      key,
      { ...schema, description: help, ...(fallback === undefined ? {} : { default: fallback }) },
    ]),
  )
}

/** A configuration that was loaded. */
export interface Configuration {
  readonly value: unknown
  /** How to name its file in messages. */
  readonly label: string
  /** What its relative paths start from. */
  readonly dir: string
}

/** Options that a configuration has for one command, and what it still says in the old way. */
export interface ConfiguredOptions {
  readonly given: GivenOptions
  /** Options of `compare` that stand at the top. */
  readonly outdated: readonly string[]
}

/**
 * What a configuration says of one command's options: its section, then what is common. Problems of anything else in the
 * file are noted; those of the options themselves are found when they are read.
 */
export function configuredOptions(
  command: ConfiguredCommand,
  { value, label, dir }: Configuration,
  problems: ProblemList,
): ConfiguredOptions {
  const top = fileSource(label, null, dir)
  if (!isRecord(value)) {
    problems.add(`Expected ${label} to be an object, got ${quoted(value)}.`)
    return { given: GivenOptions.of({}, top), outdated: [] }
  }
  const topSet: OptionSet = { ...COMPARE, ...COMMON }
  const common = pick(value, (key) => topSet[key] !== undefined)
  noteUnknown(value, Object.keys(topSet), label, problems)
  const sections = Object.entries<OptionSet>(SECTIONS).map(([name, set]) => {
    const section = value[name] ?? {}
    const source = fileSource(label, name, dir)
    if (!isRecord(section)) problems.add(`Expected \`${name} of ${label}\` to be an object, got ${quoted(section)}.`)
    return { name, set, given: GivenOptions.of(isRecord(section) ? section : {}, source) }
  })
  for (const { name, set, given } of sections) if (name !== command) readSettings(partial(set), given, problems)
  const own = sections.find(({ name }) => name === command)
  const set: OptionSet = SECTIONS[command]
  const mine = pick(common, (key) => set[key] !== undefined && (command === 'compare' || isCommon(key, set)))
  const others = pick(common, (key) => mine[key] === undefined)
  readSettings(partial(topSet), GivenOptions.of(others, top), problems)
  const given = GivenOptions.of(mine, top)
  const outdated = Object.keys(common).filter((key) => !(key in COMMON))
  return { given: own === undefined ? given : own.given.before(given, set), outdated }
}

/**
 * True when what is common says what this command's option of the same name does. `load` goes to any address: the headers
 * of the user's own app, a token among them, are not for it.
 */
export function isCommon(key: string, set: OptionSet): boolean {
  const common: OptionSet = COMMON
  return set !== LOAD && common[key] !== undefined && common[key].schema === set[key]?.schema
}

/** A set of which nothing has to be there: the command line may still say it. */
function partial(set: OptionSet): OptionSet {
  return Object.fromEntries(
    Object.entries(set).map(([key, definition]) => {
      const { required, ...optional } = definition
      return [key, required === undefined ? definition : optional]
    }),
  )
}

function pick(value: Readonly<Record<string, unknown>>, wanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => wanted(key)))
}

function noteUnknown(value: object, known: readonly string[], label: string, problems: ProblemList): void {
  const all = [...known, ...Object.keys(SECTIONS)]
  for (const key of Object.keys(value).filter((each) => each !== '$schema' && !all.includes(each))) {
    const { hint } = unknownName('', key, all)
    problems.add(`Expected a setting that exists in ${label}, got ${quoted(key)}.`, hint)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
