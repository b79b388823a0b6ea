import { describe, expect, test } from 'vitest'
import { readPromql } from '../../dashboards/promql.ts'
import { fillVariables } from '../../dashboards/variables.ts'

describe('readPromql', () => {
  test('finds every selection with its matchers, its range and the function that takes it', () => {
    const expr = 'sum by (model) (rate(a_total{x=~"y.*",z!="1"}[4s])) / on (job) group_left (w) b offset 5m'
    expect(readPromql(expr)).toEqual({
      error: null,
      selectors: [
        {
          metric: 'a_total',
          matchers: [
            { label: 'x', operator: '=~', value: 'y.*' },
            { label: 'z', operator: '!=', value: '1' },
          ],
          range: '4s',
          function: 'rate',
        },
        { metric: 'b', matchers: [], range: null, function: null },
      ],
      grouping: ['model', 'job', 'w'],
    })
  })

  test.each([
    ['a recorded series', 'model:x:rate10s > 1', { metric: 'model:x:rate10s', range: null, function: null }],
    ['a subquery', 'max_over_time(sum(up)[15m:1s])', { metric: 'up', range: null, function: null }],
    ['a function of the last value', 'timestamp(up)', { metric: 'up', range: null, function: 'timestamp' }],
  ])('reads %s', (_, expr, selector) => {
    const { error, selectors } = readPromql(expr)
    expect(error).toBeNull()
    expect(selectors).toMatchObject([selector])
  })

  test.each(['sum(', 'rate(a[)', 'a{b=}', 'a b'])('says where %s goes wrong', (expr) => {
    expect(readPromql(expr).error).not.toBeNull()
  })
})

test('fillVariables puts values in the place of both forms of a variable and leaves others alone', () => {
  expect(
    fillVariables('a{b=~"$model",c="${model:regex}",d="$other"}[$__range]', { model: 'x|y', __range: '15m' }),
  ).toBe('a{b=~"x|y",c="x|y",d="$other"}[15m]')
})
