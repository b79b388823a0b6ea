import { describe, expect, test } from 'vitest'
import type { Call, VerdictMetric } from '../../../core/records.ts'
import { logMean } from '../../../analysis/statistics/interval.ts'
import { type DecisionRules, decide } from '../../../analysis/comparison/verdict.ts'

/** Ten log-ratios with mean `centre` and a small scatter that is the same for every case. */
const SCATTER = [-1.4, 1.1, 0.3, -0.6, 0.9, -1.1, 1.3, -0.4, 0.6, -0.7]

describe('calls', () => {
  const cases: readonly [sentence: string, metric: VerdictMetric, ratio: number, sd: number, call: Call][] = [
    ['twice the throughput is better', 'throughput', 2, 0.01, 'better'],
    ['5 % less throughput is worse', 'throughput', 0.95, 0.01, 'worse'],
    ['5 % less CPU per request is better', 'cpu-per-request', 0.95, 0.01, 'better'],
    ['half the p99 is better', 'latency-p99', 0.5, 0.1, 'better'],
    ['15 % more p99 is the same, if measured well enough', 'latency-p99', 1.15, 0.01, 'same'],
    ['15 % more p95 is worse', 'latency-p95', 1.15, 0.01, 'worse'],
    ['1 % more throughput is the same', 'throughput', 1.01, 0.01, 'same'],
    ['no difference with a wide scatter is not sameness', 'throughput', 1, 0.1, 'inconclusive'],
    ['a large difference with a wider scatter is nothing', 'throughput', 1.3, 0.4, 'inconclusive'],
    [
      'a sure difference on the threshold is neither different nor the same',
      'throughput',
      1.0295,
      0.004,
      'inconclusive',
    ],
  ]
  test.each(cases)('%s', (_, metric, ratio, sd, call) => {
    expect(verdictOn(ratio, sd, { metric }).call).toBe(call)
  })
})

describe('sentences', () => {
  test('a difference is reported with its interval, its blocks and its threshold', () => {
    expect(verdictOn(1.86, 0.01).because).toBe(
      'b has 1.86× the throughput of a (95 % 1.84–1.88, 10 blocks), which excludes 1 and passes the 3 % that count.',
    )
  })

  test('sameness names the interval that shows it', () => {
    expect(verdictOn(1.002, 0.01).because).toBe(
      'b has 1.002× the throughput of a (95 % 0.993–1.011, 10 blocks), and the 90 % interval 0.996–1.008 lies within 0.971–1.030: less than the 3 % that count.',
    )
  })

  test('an open one says how many blocks would settle it, and the number is on the verdict', () => {
    const verdict = verdictOn(1.04, 0.05)
    expect(verdict.because).toMatch(
      /neither equality nor a difference of 3 % is excluded; about \d+ blocks in all would settle it\.$/,
    )
    expect(verdict.because).toContain(`about ${verdict.blocksNeeded} blocks`)
    expect(verdict.blocksNeeded).toBeGreaterThan(10)
  })

  test('an open one that no number of blocks settles says why', () => {
    const close = verdictOn(1.0295, 0.01)
    expect(close.because).toContain('too close to the threshold of 3 %')
    expect(close.blocksNeeded).toBeNull()
    const noisy = verdictOn(1.001, 1)
    expect(noisy.because).toContain('it cannot be resolved here, since with a between-block SD of')
    expect(noisy.blocksNeeded).toBeNull()
  })
})

describe('blocks', () => {
  test('a full run with fewer than 8 blocks makes no call, however clear, and blames the host when blocks were dropped', () => {
    const short = verdictOn(2, 0.001, { blocks: 7, rules: { droppedBlocks: 3 } })
    expect(short.call).toBe('inconclusive')
    expect(short.blocksNeeded).toBe(8)
    expect(short.because).toBe(
      'Host too noisy, 3 blocks dropped: only 7 blocks with valid trials of both models are left, 8 are needed.',
    )
    expect(short.ratio.estimate).toBeGreaterThan(1.9)
    expect(verdictOn(2, 0.001, { blocks: 7 }).because).toMatch(/^More blocks are needed: only 7/)
    expect(verdictOn(2, 0.001, { blocks: 8 }).call).toBe('better')
  })

  test('a pilot may call from three blocks on when the interval is clear', () => {
    expect(verdictOn(2, 0.01, { blocks: 3, rules: { kind: 'pilot' } }).call).toBe('better')
    expect(verdictOn(2, 0.01, { blocks: 2, rules: { kind: 'pilot' } }).call).toBe('inconclusive')
    expect(verdictOn(1.08, 0.03, { blocks: 3, rules: { kind: 'pilot' } }).call).toBe('inconclusive')
  })

  test('a single block has an estimate that nothing bounds', () => {
    const { ratio, call, because } = verdictOn(2, 0, { blocks: 1, rules: { kind: 'pilot' } })
    expect(ratio).toEqual({ estimate: expect.closeTo(2, 10), low: 0, high: Number.MAX_VALUE, confidence: 0.95 })
    expect(JSON.parse(JSON.stringify(ratio))).toEqual(ratio)
    expect([call, because]).toEqual(['inconclusive', expect.stringContaining('only 1 block')])
  })
})

test('a larger family widens the interval and can take a call away', () => {
  const alone = verdictOn(1.05, 0.035, { rules: { family: 1 } })
  const many = verdictOn(1.05, 0.035, { rules: { family: 45 } })
  expect(alone.call).toBe('better')
  expect(many.call).toBe('inconclusive')
  expect(many.ratio.low).toBeLessThan(1)
  expect(many.ratio.high / many.ratio.low).toBeGreaterThan(alone.ratio.high / alone.ratio.low)
})

test('when a few blocks make the difference, the robust estimate takes the call away', () => {
  const values = [0.011, 0.012, 0.013, 0.1, 0.01, 0.012, 0.014, 0.1, 0.011, 0.012, 0.1, 0.013]
  const verdict = decide({ workload: 'cpu', metric: 'throughput', baseline: 'a', candidate: 'b' }, logMean(values), {
    kind: 'full',
    family: 1,
    droppedBlocks: 0,
  })
  expect(verdict.ratio.low).toBeGreaterThan(1)
  expect(verdict.ratio.estimate).toBeGreaterThan(1.03)
  expect(verdict.call).toBe('inconclusive')
  expect(verdict.because).toContain('Hodges-Lehmann estimate')
})

test('what is known from elsewhere can withhold a call, forbid sameness, or stand beside a difference', () => {
  expect(verdictOn(2, 0.01, { rules: { withheld: 'the control rang' } })).toMatchObject({
    call: 'inconclusive',
    because: 'Withheld: the control rang.',
    ratio: { estimate: expect.closeTo(2, 5) },
  })
  const limited = verdictOn(1, 0.005, { rules: { notSame: 'both were limited by the generator' } })
  expect(limited).toMatchObject({ call: 'inconclusive', blocksNeeded: null })
  expect(limited.because).toMatch(/, but both were limited by the generator\.$/)
  expect(verdictOn(2, 0.01, { rules: { caveat: 'b was limited by the generator' } }).because).toMatch(
    /the 3 % that count; b was limited by the generator\.$/,
  )
})

function verdictOn(
  ratio: number,
  sd: number,
  change: { metric?: VerdictMetric; blocks?: number; rules?: Partial<DecisionRules> } = {},
): ReturnType<typeof decide> {
  const raw = SCATTER.slice(0, change.blocks ?? SCATTER.length)
  const centre = raw.reduce((sum, x) => sum + x, 0) / raw.length
  const spread = Math.sqrt(raw.reduce((sum, x) => sum + (x - centre) ** 2, 0) / Math.max(1, raw.length - 1)) || 1
  const values = raw.map((x) => Math.log(ratio) + ((x - centre) / spread) * sd)
  return decide(
    { workload: 'cpu', metric: change.metric ?? 'throughput', baseline: 'a', candidate: 'b' },
    logMean(values),
    { kind: 'full', family: 3, droppedBlocks: 0, ...change.rules },
  )
}
