import { describe, expect, test } from 'vitest'
import { ForkwiseError } from '../../../core/errors.ts'
import {
  ASSERTION_GRAMMAR,
  parseAssertion,
  parseAssertions,
  requireAssertable,
} from '../../../analysis/comparison/assertion.ts'

describe('what can be written', () => {
  test.each([
    [
      'a multiple of another model',
      'cluster/cpu throughput >= 1.5x single',
      {
        model: 'cluster',
        workload: 'cpu',
        metric: 'throughput',
        comparison: '>=',
        bound: { kind: 'relative', factor: 1.5, model: 'single' },
      },
    ],
    [
      'a value with its unit',
      'cluster/io p99 < 80ms',
      { model: 'cluster', workload: 'io', metric: 'p99', comparison: '<', bound: { kind: 'absolute', value: 80 } },
    ],
    ['another unit', 'cluster/io p99 < 0.5s', { bound: { kind: 'absolute', value: 500 } }],
    ['a space before the unit', 'cluster/io p99 < 80 ms', { bound: { kind: 'absolute', value: 80 } }],
    ['no unit: the base unit', 'cluster/io cpu <= 4.5', { bound: { kind: 'absolute', value: 4.5 } }],
    ['a rate per minute', 'a/b throughput > 60/min', { bound: { kind: 'absolute', value: 1 } }],
    [
      'no space at all around the comparison',
      'a/b p50<5ms',
      { metric: 'p50', comparison: '<', bound: { kind: 'absolute', value: 5 } },
    ],
    [
      'a multiplication sign',
      'a/b throughput > 2 × single',
      { bound: { kind: 'relative', factor: 2, model: 'single' } },
    ],
    ['a multiple of the first run', 'a/b p99 <= 1.1x first run', { bound: { kind: 'first-run', factor: 1.1 } }],
    ['a model that is called first', 'a/b p99 <= 2x first', { bound: { kind: 'relative', factor: 2, model: 'first' } }],
    ['memory in binary and decimal units', 'a/b memory < 1GiB', { bound: { kind: 'absolute', value: 1024 } }],
    ['a share in per cent', 'a/b efficiency >= 90%', { bound: { kind: 'absolute', value: 0.9 } }],
    ['a count', 'a/b errors <= 0', { bound: { kind: 'absolute', value: 0 } }],
    ['each model', '*/io p99 < 80ms', { model: '*', workload: 'io' }],
    ['names with dots and dashes', 'pm2-fork/my.app p99 < 80ms', { model: 'pm2-fork', workload: 'my.app' }],
  ])('%s', (_, text, expected) => {
    expect(parseAssertion(text)).toMatchObject({ text, ...expected })
  })
})

describe('what cannot be written: the message points at the spot', () => {
  test.each([
    ['nothing', '', 'a model', 0],
    ['no workload', 'cluster', 'a slash', 7],
    ['an empty workload', 'cluster/ p99 < 1ms', 'a workload', 8],
    ['no metric', 'cluster/cpu < 80ms', 'a metric', 12],
    ['an unknown metric', 'cluster/cpu p98 < 80ms', 'a metric', 12],
    ['a misspelt metric', 'cluster/cpu througput > 1', 'did you mean "throughput"', 12],
    ['an arrow', 'cluster/cpu throughput => 1.5x single', 'one of <, <=, >, >=', 23],
    ['equality', 'cluster/cpu p99 == 80ms', 'one of <, <=, >, >=', 16],
    ['no bound', 'cluster/cpu p99 <', 'a number', 17],
    ['a word for a number', 'cluster/cpu p99 < fast', 'a number', 18],
    ['a negative number', 'cluster/cpu p99 < -1ms', 'a number', 18],
    ['a unit of another metric', 'cluster/cpu p99 < 80MiB', 'a unit of `p99`', 20],
    ['a unit where there is none', 'cluster/cpu errors < 3ms', 'no unit', 22],
    ['a multiple of nothing', 'cluster/cpu p99 < 2x ', 'the model to compare with', 21],
    ['more after the first run', 'cluster/cpu p99 < 2x first runs', 'nothing more', 27],
    ['something after the end', 'cluster/cpu p99 < 80ms please', 'nothing more', 23],
  ])('%s', (_, text, expected, column) => {
    const problem = problemOf(() => parseAssertion(text))
    expect(problem.message).toMatch(new RegExp(expected.replaceAll(/[.+^${}()[\]\\]/g, String.raw`\$&`)))
    const [, shown, pointer] = problem.message.split('\n')
    expect(shown).toBe(`  ${text}`)
    expect(pointer).toBe(`  ${' '.repeat(column)}^`)
    expect(problem.hint).toContain(ASSERTION_GRAMMAR)
  })

  test('all wrong ones are reported at once', () => {
    expect(() => parseAssertions(['a/b', 'a/b p99 < 1ms', 'c'])).toThrow(
      expect.objectContaining({ code: 'USAGE', problems: [expect.anything(), expect.anything()] }),
    )
  })
})

test('names that the run does not have are refused before it starts, with the nearest one', () => {
  const known = { models: ['single', 'cluster'], workloads: ['cpu', 'io'] }
  const read = parseAssertions(['*/* p99 < 1ms', 'cluster/cpu p99 < 2x single', 'clutser/ip p99 < 2x sngle'])
  requireAssertable(read.slice(0, 2), known)
  expect(() => requireAssertable(read, known)).toThrow(
    expect.objectContaining({
      code: 'UNKNOWN_NAME',
      problems: ['cluster', 'single', 'io'].map((name) =>
        expect.objectContaining({ hint: expect.stringContaining(`Did you mean "${name}"`) }),
      ),
    }),
  )
})

function problemOf(run: () => unknown): { message: string; hint?: string } {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof ForkwiseError && thrown.code === 'USAGE') return thrown.problems[0] ?? { message: '' }
    throw thrown
  }
  throw new Error('Expected an error.')
}
