import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/queue-202.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const UNDECIDED = {
  'accepted-early': 'undecided',
  'no-capacity-added': 'undecided',
  'killed-job-runs-again': 'undecided',
  'job-done-twice': 'undecided',
}

test.each<[string, Record<string, MadeUpCase>, Record<string, string>]>([
  [
    'early answers, late results and jobs that run again confirm it',
    { pool: burst(800, 800), queue: burst(40, 900), killed: runs([2], [1]), frozen: runs([2], [2]) },
    {
      'accepted-early': 'confirmed',
      'no-capacity-added': 'confirmed',
      'killed-job-runs-again': 'confirmed',
      'job-done-twice': 'confirmed',
    },
  ],
  [
    'late answers, a faster queue and jobs that run once refute it',
    { pool: burst(800, 800), queue: burst(380, 400), killed: runs([1], [0]), frozen: runs([1], [1]) },
    {
      'accepted-early': 'does not hold here',
      'no-capacity-added': 'does not hold here',
      'killed-job-runs-again': 'does not hold here',
      'job-done-twice': 'does not hold here',
    },
  ],
  [
    'repetitions that differ decide nothing',
    {
      pool: { figures: { allMs: [400, 800, 1600] } },
      queue: { figures: { allMs: [900, 800, 700], acceptedPercent: [10, 50, 90] } },
      killed: runs([1, 2], [1, 1]),
      frozen: runs([2, 2], [1, 2]),
    },
    UNDECIDED,
  ],
  ['nothing measured decides nothing', {}, UNDECIDED],
])('%s', (_, told, outcomes) => {
  expect(outcomesOf(lab, told)).toEqual(outcomes)
})

test('without Redis the pool alone is measured, and the text says nothing of a queue', () => {
  const lacks = [{ what: 'redis-server is not installed', remedy: 'Install it.' }]
  expect(lab.cases({ quick: true, change: 30, cores: 2, lacks }).map(({ id }) => id)).toEqual(['pool'])
  expect(JSON.stringify(lab.explain(madeUpEvidence(lab, { pool: burst(800, 800) })))).not.toMatch(/queue/)
})

test('what happened is a share and what became of the jobs', () => {
  const evidence = madeUpEvidence(lab, { queue: burst(45, 900), killed: runs([2], [1]), frozen: runs([2], [2]) })
  expect(lab.outcomes(evidence)).toEqual({ accepted: 5, killed: 'is begun again', frozen: 'is done twice' })
})

test('the backlog rises with each job that is accepted and falls with each result', () => {
  const events = [
    moment('accepted', 5),
    moment('accepted', 6),
    moment('finished', 50),
    moment('accepted', 20),
    moment('finished', 90),
  ]
  const pictures = lab.pictures(madeUpEvidence(lab, { queue: { ...burst(20, 90), events } }))
  expect(pictures.find(({ id }) => id === 'backlog')).toMatchObject({
    series: [{ points: [5, 6, 20, 50, 90].map((x, index) => ({ x, y: [1, 2, 3, 2, 1][index] })) }],
  })
})

function moment(kind: string, ms: number): { t: number; lane: string; kind: string; ms: number } {
  return { t: ms, lane: '1', kind, ms }
}

/** Three bursts: the last answer and the last result, in ms. */
function burst(acceptAllMs: number, allMs: number): MadeUpCase {
  const near = (value: number): number[] => [value, value * 1.01, value * 0.99]
  return {
    figures: {
      acceptAllMs: near(acceptAllMs),
      allMs: near(allMs),
      resultMs: near(allMs / 2),
      acceptedPercent: near((100 * acceptAllMs) / allMs),
    },
  }
}

function runs(begun: readonly number[], done: readonly number[]): MadeUpCase {
  return { figures: { begun, done } }
}
