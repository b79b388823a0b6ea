import { flagOf, isArgument, type OptionSet } from './option.ts'

/** Where the values of options came from: decides how they are named in messages and what their paths start from. */
export interface OptionSource {
  readonly kind: 'line' | 'file' | 'code'
  /** How an option, or a part of its value (`[0].url`), is named in messages, without quotes. */
  name(key: string, part?: string): string
  /** An example of an option in this source: `--path /orders/42`, `paths: ['/orders/42']`. */
  example(key: string, typed: string, written: string): string
  /** Absolute folder that relative paths start from. */
  readonly dir: string
}

interface GivenValue {
  readonly value: unknown
  readonly source: OptionSource
}

/** Values of options as they were given, not checked yet, each with its source. */
export class GivenOptions {
  readonly #values: ReadonlyMap<string, GivenValue>
  readonly #front: OptionSource
  readonly #aside: GivenOptions | null

  /** `front` names the options that were not given; `aside` are all that these win over. */
  constructor(values: ReadonlyMap<string, GivenValue>, front: OptionSource, aside: GivenOptions | null = null) {
    this.#values = values
    this.#front = front
    this.#aside = aside
  }

  /** All values of one source; undefined ones count as not given. */
  static of(values: Readonly<Record<string, unknown>>, source: OptionSource): GivenOptions {
    const given = Object.entries(values).filter(([, value]) => value !== undefined)
    return new GivenOptions(new Map(given.map(([key, value]) => [key, { value, source }])), source)
  }

  /** Keys of the options that were given. */
  get keys(): readonly string[] {
    return [...this.#values.keys()]
  }

  /** True when an option was given; an option that is switched off counts as not given. */
  has(key: string): boolean {
    const given = this.#values.get(key)
    return given !== undefined && given.value !== false
  }

  /** The value of an option as it was given. */
  value(key: string): unknown {
    return this.#values.get(key)?.value
  }

  /** Where an option was given, or where it would have been. */
  source(key: string): OptionSource {
    return this.#values.get(key)?.source ?? this.#front
  }

  /** How an option, or a part of its value, is named in messages. */
  name(key: string, part?: string): string {
    return this.source(key).name(key, part)
  }

  /** An example of an option, as it would be written where it was given. */
  example(key: string, typed: string, written: string): string {
    return this.source(key).example(key, typed, written)
  }

  /** These options, and those of `others` about which these say nothing: neither the same nor an alternative. */
  before(others: GivenOptions, set: OptionSet): GivenOptions {
    const said = new Set(this.keys.filter((key) => this.has(key)).flatMap((key) => alternativesOf(key, set)))
    for (const key of this.keys) said.add(key)
    const rest = [...others.#values].filter(([key]) => !said.has(key))
    return new GivenOptions(new Map([...rest, ...this.#values]), this.#front, others)
  }

  /** All options that these won over where both say something, e.g. those of a configuration; null where none were. */
  get aside(): GivenOptions | null {
    return this.#aside
  }
}

/** An option and its alternatives. */
export function alternativesOf(key: string, set: OptionSet): readonly string[] {
  const group = set[key]?.alternative
  return group === undefined ? [key] : Object.keys(set).filter((other) => set[other]?.alternative === group)
}

/** Options that code gives: `workers`, paths from the current folder. */
export function codeSource(dir: string = process.cwd()): OptionSource {
  return {
    kind: 'code',
    name: (key, part = '') => `${key}${part}`,
    example: (key, _typed, written) => `${key}: ${written}`,
    dir,
  }
}

/** Options of a configuration: `workers of forkwise.config.js`, or `scale.workers of …` in a section. */
export function fileSource(label: string, section: string | null, dir: string): OptionSource {
  const prefix = section === null ? '' : `${section}.`
  return {
    kind: 'file',
    name: (key, part = '') => `${prefix}${key}${part} of ${label}`,
    example: (key, _typed, written) => `${prefix}${key}: ${written}`,
    dir,
  }
}

/** Options of a command line: `--workers`, or `MODEL` for an argument. */
export function lineSource(set: OptionSet, dir: string = process.cwd()): OptionSource {
  return {
    kind: 'line',
    name: (key, part = '') => nameOnLine(key, part, set),
    example: (key, typed) => `${nameOnLine(key, '', set)} ${typed}`,
    dir,
  }
}

function nameOnLine(key: string, part: string, set: OptionSet): string {
  const definition = set[key]
  if (definition !== undefined && isArgument(definition)) return definition.line?.value ?? key
  const member = definition?.line?.words === 'servers' ? /^\[\d+\]\.(\w+)$/.exec(part)?.[1] : undefined
  return `--${member ?? (definition === undefined ? key : flagOf(key, definition))}`
}
