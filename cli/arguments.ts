import { parseArgs } from 'node:util'
import { ProblemList } from '../core/errors.ts'
import { nearestName } from '../core/names.ts'
import { quoted, shortened } from '../core/quotes.ts'
import type { CommandDescription, OptionSpec } from './command.ts'

/** Options every command understands. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'help', short: 'h', type: 'boolean', help: 'Show this help.' },
  { name: 'json', type: 'boolean', help: 'Print the result as JSON on stdout, and nothing else there.' },
]

/** A command's arguments, understood. */
export interface ParsedArguments {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
}

/** All options of a command, the common ones included; `--json` only where it has a result. */
export function optionsOf(command: CommandDescription): readonly OptionSpec[] {
  return [...command.options, ...COMMON_OPTIONS.filter((option) => option.name !== 'json' || command.json)]
}

/** Parses the words after a command's name; throws one usage error with every problem found. */
export function parseArguments(command: CommandDescription, line: readonly string[]): ParsedArguments {
  const specs = optionsOf(command)
  const byName = new Map(specs.map((spec) => [spec.name, spec]))
  const { tokens, values, positionals } = parseArgs({
    args: [...line],
    options: Object.fromEntries(specs.map((spec) => [spec.name, parserOption(spec)])),
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  if (values['help'] === true) return { values, positionals }

  const problems = new ProblemList()
  const seen = new Set<string>()
  const strayValues = new Set<number>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const spec = byName.get(token.name)
    if (spec === undefined) {
      const nearest = nearestName(token.name, [...byName.keys()])
      // The word after an option that does not exist was meant as its value, not as an argument.
      if (token.value === undefined) strayValues.add(token.index + 1)
      problems.add(
        `Expected an option of \`${command.name}\`, got \`${shortened(token.rawName)}\`.`,
        nearest === null ? `See \`forkwise ${command.name} --help\`.` : `Did you mean \`--${nearest}\`?`,
      )
      continue
    }
    if (spec.type === 'string' && (token.value === undefined || token.value === '')) {
      problems.add(`Expected a value after \`--${spec.name}\`, got none.`, spec.help)
    }
    const swallowed = spec.type === 'string' && token.inlineValue === false ? optionIn(token.value ?? '') : null
    if (swallowed !== null) {
      problems.add(
        `Expected a value after \`--${spec.name}\`, got the option ${quoted(token.value)}.`,
        `Where that is the value, write \`--${spec.name}=${shortened(token.value ?? '')}\`.`,
      )
      if (byName.get(swallowed)?.type === 'string') strayValues.add(token.index + 2)
    }
    if (spec.type === 'boolean' && token.value !== undefined) {
      problems.add(`Expected \`--${spec.name}\` without a value, got ${quoted(token.value)}.`)
    }
    if (seen.has(spec.name) && spec.multiple !== true) {
      problems.add(`Expected \`--${spec.name}\` once, got it more than once.`)
    }
    seen.add(spec.name)
  }
  const words = tokens.flatMap((token) =>
    token.kind === 'positional' && !strayValues.has(token.index) ? [token.value] : [],
  )
  checkArity(command, words, problems)
  problems.throwIfAny('USAGE')
  return { values, positionals }
}

/** The name of the option that a word is; null where it is none. */
function optionIn(word: string): string | null {
  return /^--([a-z][\w-]*)(?:=|$)/s.exec(word)?.[1] ?? null
}

function parserOption(spec: OptionSpec): { type: 'string' | 'boolean'; short?: string; multiple?: boolean } {
  return {
    type: spec.type,
    ...(spec.short === undefined ? {} : { short: spec.short }),
    ...(spec.multiple === undefined ? {} : { multiple: spec.multiple }),
  }
}

function checkArity(command: CommandDescription, positionals: readonly string[], problems: ProblemList): void {
  const [min, max] = command.arity
  const got = positionals.length === 0 ? 'none' : positionals.map(quoted).join(', ')
  const named = max === 0 && command.options.some(({ name }) => name === 'models')
  const usage = named
    ? `Name models with \`--models ${shortened(positionals.join(','))}\`.`
    : `Usage: forkwise ${command.name} ${command.positionals}`.trimEnd()
  if (positionals.length < min) problems.add(`Expected \`${command.positionals}\`, got ${got}.`, usage)
  if (positionals.length > max) {
    problems.add(
      max === 0 ? `Expected no arguments, got ${got}.` : `Expected \`${command.positionals}\`, got ${got}.`,
      usage,
    )
  }
}
