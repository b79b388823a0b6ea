import { expect, test } from 'vitest'
import { boundsOf, boundsRestored, resultJson } from '../../core/estimate.ts'
import { UNBOUNDED } from '../../core/records.ts'

test.each([
  ['both known', { estimate: 5, low: 4, high: 7 }, [4, 7]],
  ['nothing known of a single block', { estimate: 5, low: -UNBOUNDED, high: UNBOUNDED }, [null, null]],
  ['a ratio that nothing bounds', { estimate: 0.9, low: 0, high: UNBOUNDED }, [null, null]],
  ['a bound so far away that it bounds nothing', { estimate: 0.9, low: 5e-7, high: 1.6e34 }, [null, null]],
  ['below only', { estimate: 70, low: 55, high: UNBOUNDED }, [55, null]],
  ['a low bound of 0 beside a high one', { estimate: 0.2, low: 0, high: 0.9 }, [0, 0.9]],
  ['nothing at all happened', { estimate: 0, low: 0, high: 0 }, [0, 0]],
])('%s', (_, estimate, bounds) => {
  expect(boundsOf(estimate)).toEqual(bounds)
})

test('a result on paper has null where nothing bounds an estimate, and comes back as it was', () => {
  const result = {
    cells: [{ throughput: { estimate: 5, low: 4, high: 7 }, p99: { estimate: 5, low: 4, high: UNBOUNDED } }],
    peak: { estimate: UNBOUNDED, low: 1, high: UNBOUNDED },
    ratio: { estimate: 2, low: -UNBOUNDED, high: UNBOUNDED, confidence: 0.95 },
    range: { low: null, high: 3 },
  }
  const text = resultJson(result)
  expect(text).not.toMatch(/e\+\d/)
  expect(JSON.parse(text)).toEqual({
    cells: [{ throughput: { estimate: 5, low: 4, high: 7 }, p99: { estimate: 5, low: 4, high: null } }],
    peak: { estimate: null, low: 1, high: null },
    ratio: { estimate: 2, low: null, high: null, confidence: 0.95 },
    range: { low: null, high: 3 },
  })
  expect(boundsRestored(JSON.parse(text))).toEqual(result)
})
