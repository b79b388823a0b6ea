import { describe, expect, test } from 'vitest'
import { parseArguments } from '../../cli/arguments.ts'
import type { Command } from '../../cli/command.ts'
import { loadCommands } from '../../cli/commands.ts'
import type { ForkwiseError } from '../../core/errors.ts'

const COMMAND: Command = {
  name: 'bake',
  summary: 'Bake.',
  positionals: 'CAKE',
  arity: [1, 1],
  description: 'Bakes.',
  options: [
    { name: 'minutes', type: 'string', value: 'n', help: 'How long.' },
    { name: 'topping', type: 'string', multiple: true, help: 'What on top.' },
    { name: 'fast', type: 'boolean', help: 'Hurry.' },
  ],
  examples: [],
  json: false,
  run: () => Promise.resolve(0),
}

/** All problems found in a command line. */
function problemsOf(words: readonly string[]): string[] {
  try {
    parseArguments(COMMAND, words)
    return []
  } catch (error) {
    return (error as ForkwiseError).problems.map((problem) => `${problem.message} ${problem.hint ?? ''}`.trim())
  }
}

test('a value that looks like an option is one when it is written with an equals sign', () => {
  expect(parseArguments(COMMAND, ['pie', '--topping=--minutes', '--minutes=30']).values).toMatchObject({
    topping: ['--minutes'],
    minutes: '30',
  })
})

test('values, flags and positionals are told apart', () => {
  const { values, positionals } = parseArguments(COMMAND, [
    'pie',
    '--minutes=30',
    '--topping',
    'a',
    '--topping',
    'b',
    '--fast',
  ])
  expect(values).toMatchObject({ minutes: '30', topping: ['a', 'b'], fast: true })
  expect(positionals).toEqual(['pie'])
})

test.each([
  [
    'an unknown option is met with the nearest',
    ['pie', '--minuets', '3'],
    /Expected an option of `bake`, got `--minuets`. Did you mean `--minutes`\?/,
  ],
  ['--json where there is no result', ['pie', '--json'], /got `--json`/],
  ['a missing value', ['pie', '--minutes'], /Expected a value after `--minutes`, got none/],
  [
    'an option where a value should be, with its own value',
    ['pie', '--topping', '--minutes', '30'],
    /^Expected a value after `--topping`, got the option "--minutes"\. Where that is the value, write `--topping=--minutes`\.$/,
  ],
  ['a value for a flag', ['pie', '--fast=yes'], /Expected `--fast` without a value, got "yes"/],
  [
    'a value after an unknown option is its value',
    ['pie', '--tempo', 'fast'],
    /^Expected an option of `bake`, got `--tempo`\. See `forkwise bake --help`\.$/,
  ],
  ['a long word is cut', ['pie', 'x'.repeat(10_000)], /got "pie", "x{80}…" \(10,000 characters\)\./],
  ['an option given twice', ['pie', '--minutes', '1', '--minutes', '2'], /Expected `--minutes` once/],
  ['no argument', [], /Expected `CAKE`, got none/],
  ['too many arguments', ['pie', 'tart'], /Expected `CAKE`, got "pie", "tart"/],
])('%s', (_sentence, words, expected) => {
  expect(problemsOf(words).join('\n')).toMatch(expected)
})

test('all problems are reported at once', () => {
  expect(problemsOf(['--minuets', '3', '--fast=yes', '--minutes']).length).toBeGreaterThanOrEqual(3)
})

describe('every command', async () => {
  const commands = await loadCommands()
  test.each(commands.map((command) => [command.name, command] as const))('%s describes itself', (name, command) => {
    expect(command.summary).toMatch(/\.$/)
    expect(command.description.length).toBeGreaterThan(40)
    expect(command.examples.length).toBeGreaterThan(0)
    for (const example of command.examples) {
      const words = example.line.split(' ')
      expect(words.slice(0, 2)).toEqual(['forkwise', name])
      expect(example.line).not.toContain('npx')
    }
    expect(new Set(command.options.map((option) => option.name)).size).toBe(command.options.length)
    expect(command.options.map((option) => option.name)).not.toContain('help')
  })
})
