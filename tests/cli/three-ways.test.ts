import {
  type Arbitrary,
  array,
  assert,
  constant,
  constantFrom,
  oneof,
  option,
  property,
  record,
  string,
  uniqueArray,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wordsToOptions } from '../../cli/option-words.ts'
import { ForkwiseError, type Problem, ProblemList } from '../../core/errors.ts'
import { type ConfiguredCommand, configuredOptions, SECTIONS } from '../../experiments/options/configuration.ts'
import { codeSource, GivenOptions } from '../../experiments/options/given.ts'
import { flagOf, type OptionDefinition, type OptionSet } from '../../experiments/options/option.ts'
import { readSettings } from '../../experiments/options/settings.ts'

type Values = Parameters<typeof wordsToOptions>[1]['values']

/** One option as it is typed, and the same as a value. */
interface Typed {
  readonly values: Values
  readonly positionals?: readonly string[]
  readonly value: unknown
}

const DIR = process.cwd()
const LABEL = 'forkwise.config.json'
const COMMANDS = Object.entries(SECTIONS) as [ConfiguredCommand, OptionSet][]

const NUMBERS = ['0', '1', '2', '7', '64', '128', '129', '200', '404', '1000', '4294967296', '-1', '2.5']
const WORDS = (
  'abc on off fail warn single ./app.js GET 5s 1m30s 0s 10 700s 900/s 54000/min 0/s 20% 1..4 4..1 1,2,4 p99<200ms p99< ' +
  '30%/year 0.04\u0020USD/core-hour poisson kill@5s http://127.0.0.1:8080 ' +
  'x'.repeat(300)
).split(' ')

const word = oneof(constantFrom(...WORDS), constantFrom(...NUMBERS), string({ minLength: 1, maxLength: 12 }))
const plain = word.filter((text) => !/[,:@=\s]/.test(text) && text.trim() !== '')

/** Words for an option, valid or not, with the value that code would give for them. */
function typed(key: string, definition: OptionDefinition): Arbitrary<Typed> {
  const flag = flagOf(key, definition)
  const { line, schema, reads } = definition
  switch (line?.words) {
    case 'argument':
      return plain.map((text) => ({ values: {}, positionals: [text], value: text }))
    case 'arguments':
      return uniqueArray(plain, { minLength: 1, maxLength: 3 }).map((words) => ({
        values: {},
        positionals: words,
        value: words,
      }))
    case 'flag':
      return constant({ values: { [flag]: true }, value: true })
    case 'unflag':
      return constant({ values: { [flag]: true }, value: false })
    case 'each':
      return array(word, { minLength: 1, maxLength: 3 }).map((words) => ({ values: { [flag]: words }, value: words }))
    case 'named':
      return oneof(
        plain.map((text) => ({ values: { [flag]: [text] }, value: text })),
        uniqueArray(record({ name: constantFrom('old', 'new', '20'), text: plain }), {
          minLength: 1,
          maxLength: 2,
          selector: ({ name }) => name,
        }).map((pairs) => ({
          values: { [flag]: pairs.map(({ name, text }) => `${name}=${text}`) },
          value: Object.fromEntries(pairs.map(({ name, text }) => [name, text])),
        })),
      )
    case 'variants':
      return uniqueArray(record({ name: plain, workers: constantFrom(...NUMBERS), size: plain }), {
        minLength: 1,
        maxLength: 2,
        selector: ({ name }) => name,
      }).map((variants) => ({
        values: { [flag]: variants.map((each) => `name=${each.name},workers=${each.workers},env.SIZE=${each.size}`) },
        value: variants.map(({ name, workers, size }) => ({ name, workers: numberOr(workers), env: { SIZE: size } })),
      }))
    case 'list': {
      const isOfNumbers = (schema['items'] as OptionDefinition['schema'] | undefined)?.['type'] === 'integer'
      return uniqueArray(plain, { maxLength: 3 }).map((words) => ({
        values: { [flag]: words.length === 0 ? ',' : words.join(' , ') },
        value: isOfNumbers ? words.map(numberOr) : words,
      }))
    }
    case 'headers':
      return uniqueArray(plain, { minLength: 1, maxLength: 2 }).map((names) => ({
        values: { [flag]: names.map((name) => `${name}: 1`) },
        value: Object.fromEntries(names.map((name) => [name, '1'])),
      }))
    case 'servers':
      return uniqueArray(record({ name: plain, url: word, pid: constantFrom(...NUMBERS, 'abc') }), {
        minLength: 1,
        maxLength: 2,
        selector: ({ name }) => name,
      }).map((servers) => ({
        values: {
          url: servers.map(({ url }) => url),
          name: servers.map(({ name }) => name),
          pid: servers.map(({ pid }) => pid),
        },
        value: servers.map(({ pid, ...server }) => ({ ...server, pid: /^\d+$/.test(pid) ? Number(pid) : pid })),
      }))
    default: {
      const isNumber = reads === undefined && ['integer', 'number'].includes(String(schema['type']))
      const text = word.filter((each) => !each.startsWith('@') && (!isNumber || each === each.trim()))
      return text.map((each) => ({ values: { [flag]: each }, value: isNumber ? numberOr(each) : each }))
    }
  }
}

function numberOr(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/** Some options of a set. */
function some(set: OptionSet): Arbitrary<Record<string, Typed | undefined>> {
  const keys = Object.entries(set).filter(([, { line }]) => line !== null)
  const model = Object.fromEntries(
    keys.map(([key, definition]) => [key, option(typed(key, definition), { nil: undefined, freq: 2 })]),
  )
  return record(model)
}

function outcome(
  set: OptionSet,
  given: GivenOptions,
  problems: ProblemList,
  plainNames: (text: string) => string,
): { settings: unknown; messages: readonly string[] } {
  const settings = readSettings(set, given, problems)
  const messages = fails(problems).map(({ message }) => plainNames(message))
  return { settings, messages: [...new Set(messages)].toSorted() }
}

describe.each(COMMANDS)('%s', (command, set) => {
  const keyOf = new Map(Object.entries(set).map(([key, definition]) => [flagOf(key, definition), key]))
  const fromLine = (text: string): string =>
    text
      .replaceAll(
        /`--([\w-]+)`/g,
        (whole, flag: string) => `\`${keyOf.get(flag) ?? (set['servers'] === undefined ? whole : flag)}\``,
      )
      .replaceAll('`MODEL`', set['model'] === undefined ? '`models`' : '`model`')
      .replaceAll('`URL`', '`url`')
  const fromFile = (text: string): string =>
    text.replaceAll(new RegExp(`\`${command}\\.([^\`]+?) of ${LABEL}\``, 'g'), '`$1`')
  // The command line names no place in a list, and has three options for a server.
  const anyPlace = (text: string): string =>
    text.replaceAll(/`servers\[\d+\]\.(\w+)`/g, '`$1`').replaceAll(/`(\w+)(?:\[\d+\]|\.\w+)+`/g, '`$1`')

  test('options by command line, by configuration and by code agree, in what they ask for and in what is wrong', () => {
    assert(
      property(some(set), (picked) => {
        const chosen = Object.entries(picked).filter((entry): entry is [string, Typed] => entry[1] !== undefined)
        const values = Object.assign({}, ...chosen.map(([, one]) => one.values)) as Values
        const positionals = chosen.flatMap(([, one]) => one.positionals ?? [])
        const options = Object.fromEntries(chosen.map(([key, { value }]) => [key, value]))

        const lineProblems = new ProblemList()
        const line = wordsToOptions(set, { values, positionals }, lineProblems)
        const byLine = outcome(set, line, lineProblems, (text) => anyPlace(fromLine(text)))
        const byCode = outcome(set, GivenOptions.of(options, codeSource(DIR)), new ProblemList(), anyPlace)
        const fileProblems = new ProblemList()
        const { given } = configuredOptions(
          command,
          { value: { [command]: options }, label: LABEL, dir: DIR },
          fileProblems,
        )
        const byFile = outcome(set, given, fileProblems, (text) => anyPlace(fromFile(text)))

        expect(byLine).toEqual(byCode)
        expect(byFile).toEqual(byCode)
      }),
      { numRuns: 150 },
    )
  })

  test('no message repeats a long value whole', () => {
    const long = 'x'.repeat(10_000)
    for (const [key, { line }] of Object.entries(set)) {
      const values = [
        long,
        [long],
        { [long]: long },
        [{ [long]: long, id: long, name: long, url: long, paths: [long] }],
      ]
      for (const value of values) {
        const problems = new ProblemList()
        readSettings(set, GivenOptions.of({ [key]: value }, codeSource(DIR)), problems)
        const flag = flagOf(key, set[key] as OptionDefinition)
        const isRepeated = ['each', 'headers', 'named', 'variants'].includes(line?.words ?? '')
        const words = isRepeated ? [long] : long
        wordsToOptions(set, { values: { [flag]: words, url: [long], name: [] }, positionals: [long] }, problems)
        const thrown = fails(problems)
        for (const { message, hint = '' } of thrown) expect(message.length + hint.length).toBeLessThan(1500)
      }
    }
  })
})

function fails(problems: ProblemList): readonly Problem[] {
  try {
    problems.throwIfAny()
    return []
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    return thrown.problems
  }
}
