import { expect, test } from 'vitest'
import { ForkwiseError } from '../../core/errors.ts'
import { nearestName, requireKnown } from '../../core/names.ts'

const MODELS = ['single', 'cluster', 'pm2-fork', 'worker-pool']

test.each([
  ['a missing letter', 'cluser', 'cluster'],
  ['swapped letters', 'signle', 'single'],
  ['another case', 'PM2-Fork', 'pm2-fork'],
  ['something else altogether', 'kubernetes', null],
])('the nearest name to %s', (_sentence, word, expected) => {
  expect(nearestName(word, MODELS)).toBe(expected)
})

test('all unknown names are reported at once, with the nearest and the list', () => {
  const attempt = (): void => requireKnown('a model', ['cluser', 'single', 'nonsense-name'], MODELS)
  expect(attempt).toThrow(ForkwiseError)
  try {
    attempt()
  } catch (error) {
    const { problems, exitCode } = error as ForkwiseError
    expect(exitCode).toBe(2)
    expect(problems.map((problem) => problem.message)).toEqual([
      'Expected a model that exists, got "cluser".',
      'Expected a model that exists, got "nonsense-name".',
    ])
    expect(problems[0]?.hint).toBe('Did you mean "cluster"? Known: single, cluster, pm2-fork, worker-pool.')
  }
})
