import { messageOf, type ProblemList } from '../core/errors.ts'
import { quoted } from '../core/quotes.ts'
import { GivenOptions, lineSource } from '../experiments/options/given.ts'
import {
  flagOf,
  isArgument,
  type LineForm,
  type OptionDefinition,
  type OptionSet,
} from '../experiments/options/option.ts'
import { addHeader } from '../experiments/resolution/headers.ts'
import { readRegularFile } from '../store/regular-file.ts'
import type { Invocation, OptionSpec } from './command.ts'

type Values = Invocation['values']

/** Servers that run already are typed as three options that belong together. */
const SERVER_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'url',
    type: 'string',
    value: 'address',
    multiple: true,
    help: 'A server that runs already on this machine, in any language, e.g. http://127.0.0.1:8080; may be given several times. It is driven like the others, but never started or ended.',
  },
  { name: 'name', type: 'string', value: 'word', multiple: true, help: 'With --url: what to call that server.' },
  {
    name: 'pid',
    type: 'string',
    value: '[word=]n',
    multiple: true,
    help: 'With --url: the root process of that server, for its CPU and memory.',
  },
]

/** The options of a set as a command line has them; those that arguments give are left out. */
export function lineOptions(set: OptionSet): readonly OptionSpec[] {
  return Object.entries(set).flatMap(([key, definition]): readonly OptionSpec[] => {
    const { line } = definition
    if (line === null || isArgument(definition)) return []
    return line.words === 'servers' ? SERVER_OPTIONS : [specOf(key, definition, line)]
  })
}

function specOf(key: string, definition: OptionDefinition, line: LineForm): OptionSpec {
  return {
    name: flagOf(key, definition),
    ...(line.short === undefined ? {} : { short: line.short }),
    type: isFlag(line) ? 'boolean' : 'string',
    ...(isRepeated(line) ? { multiple: true } : {}),
    ...(line.value === undefined ? {} : { value: line.value }),
    help: helpText(definition),
  }
}

/** What an option does and what holds without it. */
export function helpText(definition: OptionDefinition): string {
  const { line, help } = definition
  const fallback = defaultText(definition)
  const required = definition.required === true ? ' Required.' : ''
  return `${line?.help ?? help}${required}${fallback === null ? '' : ` Default: ${fallback}.`}`
}

/** What holds when an option is not given, in words; null where nothing is to be said. */
export function defaultText({ default: value, otherwise }: OptionDefinition): string | null {
  if (otherwise !== undefined) return otherwise
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.join(',') : JSON.stringify(value)
}

function isRepeated({ words }: LineForm): boolean {
  return words === 'each' || words === 'headers' || words === 'named' || words === 'variants'
}

function isFlag({ words }: LineForm): boolean {
  return words === 'flag' || words === 'unflag'
}

/**
 * The options of a set that a command line gives, as values. A word that cannot be the value that is expected stays a
 * word, to be refused with all other values; only what cannot be taken apart is noted here.
 */
export function wordsToOptions(
  set: OptionSet,
  { values, positionals }: Pick<Invocation, 'values' | 'positionals'>,
  problems: ProblemList,
): GivenOptions {
  const given: Record<string, unknown> = {}
  for (const [key, definition] of Object.entries(set)) {
    const { line } = definition
    if (line?.words === 'argument') given[key] = positionals[0]
    else if (line?.words === 'arguments') given[key] = positionals.length === 0 ? undefined : [...new Set(positionals)]
    else if (line !== null) given[key] = valueOf(values[flagOf(key, definition)], definition, line, values, problems)
  }
  return GivenOptions.of(given, lineSource(set))
}

function valueOf(
  word: Values[string],
  definition: OptionDefinition,
  line: LineForm,
  values: Values,
  problems: ProblemList,
): unknown {
  if (line.words === 'servers') return serversOf(values, problems)
  if (word === undefined) return undefined
  switch (line.words) {
    case 'flag':
      return word
    case 'unflag':
      return false
    case 'each':
      return word
    case 'named':
      return namedWords(word as readonly string[], line, problems)
    case 'variants':
      return (word as readonly string[]).map(variantOf)
    case 'headers':
      return headersOf(word as readonly string[], problems)
    case 'list':
      return listOf(String(word), definition)
    default:
      return wordValue(String(word), definition, problems)
  }
}

function listOf(word: string, { schema }: OptionDefinition): readonly (string | number)[] {
  const parts = word.split(',').map((part) => part.trim())
  const words = [...new Set(parts.filter((part) => part !== ''))]
  const items = schema['items'] as OptionDefinition['schema'] | undefined
  return items?.['type'] === 'integer' ? words.map(numberOr) : words
}

/** A number where a word is one; else the word, to be refused with all that does not fit. */
function numberOr(word: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(word.trim()) ? Number(word) : word
}

function wordValue(word: string, { schema, reads, line }: OptionDefinition, problems: ProblemList): unknown {
  const numeric = reads === undefined && (schema['type'] === 'integer' || schema['type'] === 'number')
  if (numeric) return numberOr(word)
  if (line?.flag === undefined && line?.value === 'text' && word.startsWith('@')) return contentOf(word, problems)
  const choices = schema['enum']
  const upper = word.toUpperCase()
  return Array.isArray(choices) && !choices.includes(word) && choices.includes(upper) ? upper : word
}

function contentOf(word: string, problems: ProblemList): Uint8Array | undefined {
  const read = (): Uint8Array | string => {
    try {
      return readRegularFile(word.slice(1)) ?? 'there is no such file'
    } catch (error) {
      return messageOf(error)
    }
  }
  const content = read()
  if (typeof content !== 'string') return content
  problems.add(`Expected \`--body\` to name a file that can be read, got ${quoted(word)}: ${content}.`)
  return undefined
}

function headersOf(words: readonly string[], problems: ProblemList): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const word of words) {
    const colon = word.indexOf(':')
    if (colon <= 0) problems.add(`Expected \`--header\` to be "name: value", got ${quoted(word)}.`)
    else addHeader(headers, word.slice(0, colon), word.slice(colon + 1).trim(), '--header', problems)
  }
  return headers
}

/** `name=word` each, by name; one word alone stays what it is. */
function namedWords(
  words: readonly string[],
  { value = '' }: LineForm,
  problems: ProblemList,
): string | Record<string, string> | undefined {
  const [first] = words
  const pairs = words.map((word) => /^([A-Za-z0-9][\w.-]*)=(.+)$/s.exec(word))
  if (first !== undefined && words.length === 1 && pairs[0] === null) return first
  const named: Record<string, string> = {}
  const example = `Write each with a name of its own: ${value.replaceAll(/[[\]]/g, '')}.`
  for (const [index, pair] of pairs.entries()) {
    const [, name = '', word = ''] = pair ?? []
    if (pair === null) problems.add(`Expected a name for each of several, got ${quoted(words[index])}.`, example)
    else if (name in named) problems.add(`Expected each name once, got ${quoted(name)} again.`, example)
    else named[name] = word
  }
  return named
}

/** `name=pool8,workers=8,env.SIZE=8`, taken apart; what has no `=` becomes a member that does not exist. */
function variantOf(word: string): Record<string, unknown> {
  const variant: Record<string, unknown> = {}
  const env: Record<string, string> = {}
  for (const part of word.split(',')) {
    const [, key = part, value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? []
    if (key.startsWith('env.')) env[key.slice('env.'.length)] = value
    else variant[key.trim()] = key === 'workers' ? numberOr(value) : value
  }
  return Object.keys(env).length === 0 ? variant : { ...variant, env }
}

/** The first name belongs to the first address, and so on; a pid likewise, or it says whose it is (`api=4711`). */
function serversOf(values: Values, problems: ProblemList): unknown {
  const [urls, names, pids] = ['url', 'name', 'pid'].map((flag) => (values[flag] ?? []) as readonly string[]) as [
    readonly string[],
    readonly string[],
    readonly string[],
  ]
  if (urls.length !== names.length) {
    problems.add(
      `Expected one \`--name\` for each \`--url\`, got ${urls.length} \`--url\` and ${names.length} \`--name\`.`,
      'Write them in pairs: --url http://127.0.0.1:8080 --name django.',
    )
    return undefined
  }
  const owned = pidsByName(pids, names, problems)
  if (urls.length === 0) return undefined
  return urls.map((url, index) => {
    const pid = owned.get(names[index] ?? '')
    return { name: names[index], url, ...(pid === undefined ? {} : { pid }) }
  })
}

function pidsByName(
  words: readonly string[],
  names: readonly string[],
  problems: ProblemList,
): ReadonlyMap<string, number | string> {
  const pids = new Map<string, number | string>()
  words.forEach((word, index) => {
    const [, owner = words.length === names.length ? names[index] : undefined, digits = ''] =
      /^(?:([^=]*)=)?(.*)$/s.exec(word) ?? []
    if (owner !== undefined && names.includes(owner)) {
      pids.set(owner, /^\d+$/.test(digits) ? Number(digits) : digits)
      return
    }
    problems.add(
      owner === undefined
        ? `Expected a \`--pid\` for each \`--url\`, or the server's name with it; got ${words.length} for ${names.length}.`
        : `Expected \`--pid\` to belong to one of the servers (${names.join(', ') || 'none is named'}), got ${quoted(word)}.`,
      'Write it with the name, e.g. --pid django=4711.',
    )
  })
  return pids
}
