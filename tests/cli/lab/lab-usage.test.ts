import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { performIn } from '../command-in-process.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fwt-lab-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test.each([
  [['lab', 'spiner'], 'Did you mean "spinner"?'],
  [['lab', 'processes', '--set', 'most=1000'], 'Expected `--set most` to be a whole number from 2 to 64, got 1000.'],
  [['lab', 'spinner', '--predict', 'inline=flies'], 'Expected the prediction of `inline` to be turns or freezes'],
  [['lab', 'spinner', '--predict', 'inline=turns', '--no-predict'], 'at most one of'],
  [['lab', 'all', '--set', 'seconds=1'], 'Expected `--set` with one lab'],
  [['lab', 'all', '--source'], 'Expected `--source` with one lab, got it with `all`.'],
  [['lab', '--quick'], 'Expected `--quick` with one lab, got it without one.'],
  [['lab', 'class', 'nowhere', '--predict', 'inline=turns'], 'Expected `--predict` with one lab, got it with `class`.'],
  [['lab', 'spinner', '--source', '--quick'], 'Expected `--source` alone, which runs nothing, got `--quick` with it.'],
  [['lab', 'spinner', '--predict', '--out', 'x'], 'Expected a value after `--predict`, got the option "--out".'],
  [['lab', 'spinner', 'primes'], 'Expected one lab'],
  [['lab', 'class'], 'Expected the results folders of readers'],
  [['lab', 'class', 'nowhere'], 'does not exist'],
])('%j is refused with what to do', async (words, message) => {
  const { code, stderr } = await performIn(dir, words)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test('the list and the sources need no run', async () => {
  const list = await performIn(dir, ['lab'])
  expect(list.stdout).toMatch(/ 1 {2}spinner: Which spinners freeze\?/)
  const { stdout } = await performIn(dir, ['lab', 'spinner', '--source'])
  expect(stdout).toContain('def is_prime_with_naps')
  expect(stdout).toContain('Atomics.wait')
  expect(stdout).toContain('// experiments/lab/programs/spinner-ways.ts\n')
  expect(stdout).toMatch(/is_prime` of the texts[^]*function\* isPrime/)
})
