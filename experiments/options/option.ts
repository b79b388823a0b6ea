import type { XStatic } from 'typebox/schema'
import type { JsonSchema } from '../../core/expectation.ts'
import type { ReadingName, Readings } from './readings.ts'

/**
 * One option of an experiment, defined once: the type, the JSON schema, the command line, the configuration, the help
 * and the docs come from it. Its key is its name in code and configuration, in camel case.
 */
export interface OptionDefinition {
  /**
   * What a value looks like in code and configuration: TypeScript infers its type from the literal, ajv checks against it.
   * A `title` says in words what is expected.
   */
  readonly schema: JsonSchema
  /** What it does, in a sentence or two, without the default. */
  readonly help: string
  /** How a value becomes a quantity, where the value itself is not what experiments work with. */
  readonly reads?: ReadingName
  /** The value that holds when none is given. */
  readonly default?: unknown
  /** The default in words, where it depends on other things. */
  readonly otherwise?: string
  /** True when it must be given. */
  readonly required?: true
  /** Options with the same word say the same thing: only one may be given, and one typed puts aside those configured. */
  readonly alternative?: string
  /** True for a path: it starts from the folder of the configuration. `name` may also be a program found by name. */
  readonly path?: 'file' | 'name'
  /** How it is typed; null where it can only be configured. */
  readonly line: LineForm | null
}

/** How an option is typed on a command line. */
export interface LineForm {
  /** Long name without dashes, where it is not the key in kebab case. */
  readonly flag?: string
  readonly short?: string
  /** Placeholder of the value, e.g. `n`, `dir`; absent for a flag without a value. */
  readonly value?: string
  /**
   * How words become a value: one `word` (the default), words separated by commas (`list`), one word each time it is given
   * (`each`), one word or `name=word` each time (`named`), `name=…,key=value` each time (`variants`), `name: value` each time (`headers`), true when it is given (`flag`), false when it is (`unflag`), addresses
   * with names and pids (`servers`), the first or all of the arguments (`argument`, `arguments`), which `value` names.
   */
  readonly words?:
    | 'word'
    | 'list'
    | 'each'
    | 'named'
    | 'variants'
    | 'headers'
    | 'flag'
    | 'unflag'
    | 'servers'
    | 'argument'
    | 'arguments'
  /** Said on the command line instead of `help`. */
  readonly help?: string
}

/** Options by key. */
export type OptionSet = Readonly<Record<string, OptionDefinition>>

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

/** The type of an option's value in code and configuration. */
export type ValueOf<O extends OptionDefinition> = DeepReadonly<XStatic<O['schema']>>

type RequiredKey<S extends OptionSet> = { [K in keyof S]: S[K] extends { required: true } ? K : never }[keyof S]

type Flat<T> = { [K in keyof T]: T[K] }

/** Options as code gives them. */
export type OptionsOf<S extends OptionSet> = Flat<
  { readonly [K in RequiredKey<S>]: ValueOf<S[K]> } & {
    readonly [K in Exclude<keyof S, RequiredKey<S>>]?: ValueOf<S[K]> | undefined
  }
>

/** Options as a configuration gives them: none has to be there. */
export type ConfiguredOf<S extends OptionSet> = { readonly [K in keyof S]?: ValueOf<S[K]> }

/** An option after it was checked and read. */
export type SettingOf<O extends OptionDefinition> = O extends { reads: infer R extends ReadingName }
  ? Readings[R]
  : ValueOf<O>

/** Options after they were checked and read; undefined where one was not given and has no default. */
export type SettingsOf<S extends OptionSet> = {
  readonly [K in keyof S]:
    | SettingOf<S[K]>
    | (S[K] extends { default: unknown } | { required: true } ? never : undefined)
}

/** True when arguments give an option, not a long name. */
export function isArgument({ line }: OptionDefinition): boolean {
  return line?.words === 'argument' || line?.words === 'arguments'
}

/** The long name of an option on the command line, without dashes: `max-connections` for `maxConnections`. */
export function flagOf(key: string, { line }: OptionDefinition): string {
  return line?.flag ?? key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The same option where another default holds, in words. */
export function withDefault<O extends OptionDefinition>(definition: O, otherwise: string): O {
  return { ...definition, otherwise }
}

/** The same option where it must be given. */
export function required<O extends OptionDefinition>(definition: O): O & { readonly required: true } {
  return { ...definition, required: true }
}

/** The same option where arguments give it instead of a long name. */
export function asArguments<O extends OptionDefinition>(definition: O, value: string): O {
  return { ...definition, line: { value, words: 'arguments' } }
}
