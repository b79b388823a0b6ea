import type { BenchRow } from '../bench.ts'
import type { ExperimentOutcome, Subject } from '../../store/proof-tally.ts'

/** Share of experiments with a false verdict that the family intervals allow. */
const FALSE_SHARE = 0.05
/** Share of slow-downs that must be found, and of polluted blocks that must be dropped. */
const FOUND_SHARE = 0.8
const GATED_SHARE = 0.9
/** Calls that say that the two differ. */
const DIFFERENT = ['better', 'worse']

/**
 * What the experiments of a subject came to: the calls of each metric, and whether the goal is met. The goal is judged
 * from `enough` experiments on; before, its row says how far it is.
 */
export function figuresOf(
  subject: Subject,
  experiments: readonly ExperimentOutcome[],
  enough: number,
): readonly BenchRow[] {
  const judged = (met: boolean): boolean | null => (experiments.length >= enough ? met : null)
  const calls = callRows(experiments)
  if (subject === 'slowed') {
    const found = experiments.filter(({ calls }) =>
      calls.some(({ metric, call }) => metric === 'cpu-per-request' && call === 'worse'),
    ).length
    const wrong = experiments.filter(({ calls }) => calls.some(({ call }) => call === 'better')).length
    return [
      ...calls,
      {
        what: 'found in CPU per request',
        measured: `${found} of ${experiments.length}`,
        goal: `${FOUND_SHARE * 100} % of ${enough}`,
        met: judged(found >= FOUND_SHARE * experiments.length),
      },
      { what: 'called better', measured: `${wrong}`, goal: '0', met: judged(wrong === 0) },
    ]
  }
  const wrong = experiments.filter(({ calls }) => calls.some(({ call }) => DIFFERENT.includes(call))).length
  const allowed = mostOfBinomial(experiments.length, FALSE_SHARE)
  const rows: BenchRow[] = [
    ...calls,
    {
      what: 'experiments with a false verdict',
      measured: `${wrong} of ${experiments.length}`,
      goal: `at most ${allowed}, which 5 % allow (19 times of 20), of ${enough}`,
      met: judged(wrong <= allowed),
    },
  ]
  if (subject === 'neighbour') {
    const polluted = experiments.reduce((sum, { polluted: { blocks } }) => sum + blocks, 0)
    const dropped = experiments.reduce((sum, { polluted: { dropped } }) => sum + dropped, 0)
    rows.push({
      what: 'polluted blocks dropped',
      measured: `${dropped} of ${polluted}`,
      goal: `${GATED_SHARE * 100} %`,
      met: judged(dropped >= GATED_SHARE * polluted),
    })
  }
  return rows
}

/** The smallest count that a binomial variable of `n` trials exceeds with a probability of 5 % at most. */
export function mostOfBinomial(n: number, share: number): number {
  let probability = (1 - share) ** n
  let total = probability
  let count = 0
  while (total < 0.95 && count < n) {
    probability *= ((n - count) / (count + 1)) * (share / (1 - share))
    total += probability
    count++
  }
  return count
}

function callRows(experiments: readonly ExperimentOutcome[]): BenchRow[] {
  const metrics = [...new Set(experiments.flatMap(({ calls }) => calls.map(({ metric }) => metric)))]
  return metrics.map((metric) => {
    const calls = experiments.flatMap(({ calls }) => calls.filter((call) => call.metric === metric))
    const counted = (['better', 'same', 'inconclusive', 'worse'] as const)
      .map((name) => [name, calls.filter(({ call }) => call === name).length] as const)
      .filter(([, count]) => count > 0)
    return {
      what: metric,
      measured: counted.map(([name, count]) => `${name} ${count}`).join(', '),
      goal: '',
      met: null,
    }
  })
}
