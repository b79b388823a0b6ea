import { describe, expect, test } from 'vitest'
import type { ExperimentOutcome } from '../../../store/proof-tally.ts'
import { figuresOf, mostOfBinomial } from '../../../cli/verdict-proof/figures.ts'

/** Experiments, each with the calls of throughput and CPU per request. */
function experiments(
  ...calls: readonly (readonly [
    ExperimentOutcome['calls'][number]['call'],
    ExperimentOutcome['calls'][number]['call'],
  ])[]
): ExperimentOutcome[] {
  return calls.map(([throughput, cpu], i) => ({
    seed: i,
    model: 'single',
    calls: [
      { metric: 'throughput', call: throughput, ratio: 1 },
      { metric: 'cpu-per-request', call: cpu, ratio: 1 },
    ],
    blocksKept: 8,
    blocksDropped: 1,
    polluted: { blocks: 2, dropped: 1 },
  }))
}

describe('figures of verdicts whose truth is known', () => {
  test('a model and itself: every call that they differ counts, once an experiment', () => {
    const made = experiments(['same', 'inconclusive'], ['better', 'worse'], ['same', 'same'])
    const rows = figuresOf('itself', made, 3)
    expect(rows).toMatchObject([
      { what: 'throughput', measured: 'better 1, same 2' },
      { what: 'cpu-per-request', measured: 'same 1, inconclusive 1, worse 1' },
      { what: 'experiments with a false verdict', measured: '1 of 3', met: true },
    ])
    expect(figuresOf('itself', [...made, ...made], 6).at(-1)).toMatchObject({ measured: '2 of 6', met: false })
  })

  test('a slow-down counts as found in CPU per request; a call of better is never right', () => {
    const rows = figuresOf('slowed', experiments(['better', 'worse'], ['inconclusive', 'inconclusive']), 2)
    expect(rows.slice(-2)).toMatchObject([
      { measured: '1 of 2', met: false },
      { measured: '1', met: false },
    ])
  })

  test('polluted blocks must be dropped', () => {
    expect(figuresOf('neighbour', experiments(['same', 'same']), 1).at(-1)).toMatchObject({
      measured: '1 of 2',
      met: false,
    })
  })

  test('too few experiments decide nothing', () => {
    const rows = figuresOf('neighbour', experiments(['better', 'better']), 20)
    expect(rows.map(({ met }) => met)).toEqual([null, null, null, null])
  })
})

test.each([
  [0, 0],
  [1, 0],
  [20, 3],
  [60, 6],
])('of %i experiments at 5 %%, at most %i with 95 %%', (n, most) => {
  expect(mostOfBinomial(n, 0.05)).toBe(most)
})
