import { resolve } from 'node:path'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import { expectationOf } from '../../core/expectation.ts'
import { unknownName } from '../../core/names.ts'
import { formatDuration } from '../../core/quantities.ts'
import { quoted } from '../../core/quotes.ts'
import { fits } from './form.ts'
import { alternativesOf, type GivenOptions } from './given.ts'
import type { OptionDefinition, OptionSet, SettingsOf } from './option.ts'
import { READINGS } from './readings.ts'

/**
 * Checks options and reads them, wherever they were given: their form, their bounds, what may not stand together and what
 * must be there. Every problem is noted; an option with one is left out of the settings, which are of use only without any.
 */
export function readSettings<S extends OptionSet>(set: S, given: GivenOptions, problems: ProblemList): SettingsOf<S> {
  const settings: Record<string, unknown> = {}
  for (const key of given.keys) {
    const definition = set[key]
    if (definition === undefined) {
      const { hint } = unknownName('', key, Object.keys(set))
      problems.add(`Expected an option that exists, got \`${given.name(key)}\`.`, hint)
    } else settings[key] = readOne(key, definition, given, problems)
  }
  for (const [key, definition] of Object.entries<OptionDefinition>(set)) {
    if (definition.required === true && !given.has(key)) {
      problems.add(`Expected \`${given.name(key)}\`, got none.`, definition.help)
    }
    if (settings[key] === undefined && definition.default !== undefined) {
      settings[key] = converted(definition.default, key, definition)
    }
  }
  noteAlternatives(set, given, problems)
  return settings as SettingsOf<S>
}

/** Options as they were given, with absolute paths: given from code, they mean the same wherever it runs. */
export function recordedOptions(set: OptionSet, given: GivenOptions): Record<string, unknown> {
  return Object.fromEntries(
    given.keys.flatMap((key) => {
      const definition = set[key]
      return definition === undefined ? [] : [[key, located(given.value(key), definition, given.source(key).dir)]]
    }),
  )
}

function readOne(key: string, definition: OptionDefinition, given: GivenOptions, problems: ProblemList): unknown {
  const value = given.value(key)
  const name = (part?: string): string => given.name(key, part)
  if (!fits(value, definition.schema, name, problems)) return undefined
  try {
    const read = converted(located(value, definition, given.source(key).dir), name(), definition)
    if (typeof read !== 'number' || isWithin(read, definition.schema)) return read
    problems.add(outOfBounds(name(), value, read, definition))
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
  }
  return undefined
}

/** A value that was written as text, held against the bounds that its schema has for numbers. */
function isWithin(read: number, { minimum = -Infinity, maximum = Infinity }: OptionDefinition['schema']): boolean {
  return read >= Number(minimum) && read <= Number(maximum)
}

function outOfBounds(name: string, value: unknown, read: number, { schema, reads }: OptionDefinition): string {
  return reads === 'duration'
    ? `Expected \`${name}\` to be at most ${formatDuration(Number(schema['maximum']))}, got ${formatDuration(read)}.`
    : `Expected \`${name}\` to be ${expectationOf(schema)}, got ${quoted(value)}.`
}

function converted(value: unknown, name: string, { reads }: OptionDefinition): unknown {
  return reads === undefined ? value : READINGS[reads](value, name)
}

function located(value: unknown, definition: OptionDefinition, dir: string): unknown {
  const { path } = definition
  if (path !== undefined && Array.isArray(value)) return value.map((each) => located(each, definition, dir))
  if (path !== undefined && typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, located(each, definition, dir)]))
  }
  if (path === undefined || typeof value !== 'string') return value
  return path === 'name' && !value.includes('/') ? value : resolve(dir, value)
}

function noteAlternatives(set: OptionSet, given: GivenOptions, problems: ProblemList): void {
  const groups = new Map(
    Object.entries(set).flatMap(([key, { alternative }]) =>
      alternative === undefined ? [] : [[alternative, alternativesOf(key, set)] as const],
    ),
  )
  for (const keys of groups.values()) {
    const several = keys.filter((key) => given.has(key))
    if (several.length < 2) continue
    const source = given.source(several[0] ?? '')
    const all = keys.map((key) => `\`${source.name(key)}\``).join(', ')
    problems.add(`Expected at most one of ${all}, got ${several.map((key) => `\`${given.name(key)}\``).join(' and ')}.`)
  }
}
