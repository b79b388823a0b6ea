import { expect, test } from 'vitest'
import { keptTogether, prose, sentenceOf } from '../../../report/html/markup.ts'

test('a sentence begins with a capital, but with the name of a model as it is, which stands out', () => {
  const names = ['cluster', 'cluster-shared']
  expect(sentenceOf('at saturation cluster is worse.', names)).toBe('At saturation cluster is worse.')
  const named = sentenceOf('cluster-shared is worse.', names)
  expect(named).toBe('cluster-shared is worse.')
  expect(prose(named, names).text).toBe('<b>cluster-shared</b> is worse.')
  expect(sentenceOf('clusters are worse.', names)).toBe('Clusters are worse.')
})

test('a number stays with its unit and its currency, and with nothing else', () => {
  expect(keptTogether('69.6 % at 29 ms for 1,234 USD; 4 machines, 5 sites')).toBe(
    '69.6\u00A0% at 29\u00A0ms for 1,234\u00A0USD; 4 machines, 5 sites',
  )
})
