import { describe, expect, test } from 'vitest'
import { judgeSlo, parseSlo, type LatencyGoal, type Slo } from '../../../../analysis/capacity/objective/slo.ts'
import { ForkwiseError } from '../../../../core/errors.ts'

describe('objectives that can be read', () => {
  test.each([
    ['p99<200ms,errors<0.1%', [['p99', 0.99, 0.2]], 0.001],
    ['p99<200ms', [['p99', 0.99, 0.2]], null],
    [
      ' p50 < 20ms , p99.9 <= 1.5s ',
      [
        ['p50', 0.5, 0.02],
        ['p99.9', 0.999, 1.5],
      ],
      null,
    ],
    ['p999<1s,errors<0.005', [['p99.9', 0.999, 1]], 0.005],
    [
      'mean<50ms,max<2s,errors<0',
      [
        ['mean', null, 0.05],
        ['max', 1, 2],
      ],
      0,
    ],
    ['errors<1%', [], 0.01],
    ['P95<1m30s', [['p95', 0.95, 90]], null],
    [
      'p50≤10ms;p99<20ms',
      [
        ['p50', 0.5, 0.01],
        ['p99', 0.99, 0.02],
      ],
      null,
    ],
  ])('%s', (text, latency, errorRatio) => {
    const slo = parseSlo(text)
    expect(slo.latency.map(({ name, quantile, limitS }) => [name, quantile, limitS])).toEqual(latency)
    expect(slo.errorRatio).toBe(errorRatio)
  })
})

describe('objectives that cannot be read say what was expected', () => {
  test.each([
    ['', 'got ""'],
    ['fast', 'got "fast"'],
    ['p99>200ms', 'got "p99>200ms"'],
    ['p99<200', 'a duration with a unit, got "200"'],
    ['p99<0,2s', 'a point before decimals, got "0,2"'],
    ['p99<1,5s,errors<0,1%', 'a point before decimals, got "1,5"'],
    ['p0<1s', 'got "p0"'],
    ['p100<1s', 'got "p100"'],
    ['q99<1s', 'got "q99"'],
    ['errors<100%', 'a share below 100 %, got "100%"'],
    ['errors<few', 'got "few"'],
    ['p99<1s,p99<2s', 'p99 once'],
    ['errors<1%,errors<2%', 'errors once'],
  ])('%s', (text, message) => {
    expect(() => parseSlo(text)).toThrow(message)
  })

  test('all problems come at once, with an example', () => {
    try {
      parseSlo('p99<200,errors<lots,q5<1s')
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(ForkwiseError)
      const { problems, code } = error as ForkwiseError
      expect(code).toBe('USAGE')
      expect(problems.length).toBe(3)
      expect(problems[2]?.hint).toContain('p99<200ms,errors<0.1%')
    }
  })
})

describe('judging', () => {
  const slo: Slo = parseSlo('p99<200ms,errors<0.1%')
  const observed = (p99S: number | null, errorRatio: number) => ({
    latencyS: (goal: LatencyGoal) => (goal.name === 'p99' ? p99S : null),
    errorRatio,
  })

  test.each([
    ['all met', 0.199, 0.001, []],
    ['the limit itself is not below it', 0.2, 0, ['p99 200 ms, wanted below 200 ms']],
    ['too few answers', null, 0, ['too few answers to determine p99']],
    ['no answer at all', Infinity, 1, ['p99 –, wanted below 200 ms', 'errors 100 %, wanted at most 0.1 %']],
  ])('%s', (_, p99S, errorRatio, missed) => {
    expect(judgeSlo(slo, observed(p99S, errorRatio))).toEqual({ met: missed.length === 0, missed })
  })
})
