import { expect, test } from 'vitest'
import { reproducingCommand } from '../../../cli/compare/reproducing-command.ts'

test('a run is made again with the seed that was drawn and the configuration that was found', () => {
  expect(reproducingCommand(['compare', '--quick', '--json'], 7, 'a b.js')).toBe(
    "npx forkwise compare --quick --config 'a b.js' --seed 7",
  )
  expect(reproducingCommand(['compare', '--seed=3', '--config=c.js'], 7, 'a.js')).toBe(
    'npx forkwise compare --seed=3 --config=c.js',
  )
})

test.each([
  [['-H', 'authorization: Bearer abc'], "-H 'authorization: …'"],
  [['--header', 'Cookie:sid=abc'], "--header 'Cookie: …'"],
  [['--header=X-Api-Key: abc'], "'--header=X-Api-Key: …'"],
  [['-Hx-auth-token: abc'], "'-Hx-auth-token: …'"],
  [['-H', 'accept: text/html'], "-H 'accept: text/html'"],
  [['--path', '/authorization:abc'], '--path /authorization:abc'],
])('what lets somebody in is left out: %j', (words, text) => {
  expect(reproducingCommand(['compare', ...words], 7)).toBe(`npx forkwise compare ${text} --seed 7`)
})
