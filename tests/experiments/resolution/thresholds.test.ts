import { expect, test } from 'vitest'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import { codeSource, fileSource, GivenOptions } from '../../../experiments/options/given.ts'
import { COMPARE } from '../../../experiments/options/sets/comparison.ts'
import { readSettings } from '../../../experiments/options/settings.ts'
import { type AssertableNames, resolveThresholds } from '../../../experiments/resolution/thresholds.ts'

const KNOWN: AssertableNames = { models: ['single', 'cluster'], workloads: ['report', 'orders'] }

/** The thresholds and notes, or the problems. */
function resolved(assert: string, run: AssertableNames, source = codeSource()): unknown {
  const given = GivenOptions.of({ assert: [assert] }, source)
  const problems = new ProblemList()
  const found = resolveThresholds(readSettings(COMPARE, given, problems), run, KNOWN, given, problems)
  try {
    problems.throwIfAny('USAGE')
    return { texts: found.thresholds.assertions.map(({ text }) => text), notes: found.notes }
  } catch (thrown) {
    return thrown instanceof ForkwiseError ? thrown.problems : thrown
  }
}

const REPORT = { models: ['single', 'cluster'], workloads: ['report'] }
const ORDERS = 'cluster/orders throughput >= 1.5x single'

test('a threshold of the configuration over what is not run now is left out with a note', () => {
  expect(resolved(ORDERS, REPORT, fileSource('forkwise.config.js', null, '.'))).toEqual({
    texts: [],
    notes: [`The threshold "${ORDERS}" is left out: it names what is not compared now.`],
  })
})

test('one that was typed must name what is run', () => {
  expect(resolved(ORDERS, REPORT)).toEqual([expect.objectContaining({ hint: 'Known: report.' })])
})

test('where no workload of the run was right, what exists is offered', () => {
  expect(resolved('cluster/ordes throughput >= 1.5x single', { ...REPORT, workloads: [] })).toEqual([
    expect.objectContaining({ hint: 'Did you mean "orders"? Known: report, orders.' }),
  ])
})
