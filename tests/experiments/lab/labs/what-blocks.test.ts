import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/what-blocks.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const BLOCKING = seen('stands', 'needs none', 'computes')
const SHARING = seen('turns', 'needs one', 'computes')
const WAITING = seen('turns', 'needs none', 'waits')

test('what blocks, what shares threads and what only waits confirm it', () => {
  const told = { 'JSON.parse': BLOCKING, 'crypto.pbkdf2': SHARING, 'dns.lookup': SHARING, 'dns.resolve': WAITING }
  expect(outcomesOf(lab, told)).toEqual({
    'sync-stands': 'confirmed',
    'async-turns': 'confirmed',
    'share-threads': 'confirmed',
    'need-no-thread': 'confirmed',
    'only-waits': 'confirmed',
  })
})

test('the contrary refutes it, and the sentence names the calls that were otherwise', () => {
  const told = {
    'JSON.parse': WAITING,
    'crypto.pbkdf2': BLOCKING,
    'dns.resolve': seen('stands', 'needs one', 'computes'),
  }
  expect(new Set(Object.values(outcomesOf(lab, told)))).toEqual(new Set(['does not hold here']))
  expect(lab.claims(madeUpEvidence(lab, told))[0]?.sentence).toMatch(/ Here .*`JSON\.parse` let it turn/)
})

test('what was not measured, or now so and now otherwise, is undecided', () => {
  expect(new Set(Object.values(outcomesOf(lab, {})))).toEqual(new Set(['undecided']))
  const mixed = {
    words: { loop: ['stands', 'turns'], threads: ['needs none', 'needs none'], core: ['computes', 'waits'] },
  }
  expect(outcomesOf(lab, { 'JSON.parse': mixed })).toMatchObject({ 'sync-stands': 'undecided' })
})

test('the picture has what was measured in the order of the kinds', () => {
  const [matrix] = lab.pictures(madeUpEvidence(lab, { 'dns.resolve': WAITING, 'fs.statSync': BLOCKING }))
  expect(matrix).toMatchObject({ kind: 'matrix', rows: [{ name: 'fs.statSync' }, { name: 'dns.resolve' }] })
})

function seen(loop: string, threads: string, core: string): MadeUpCase {
  return { words: { loop: [loop], threads: [threads], core: [core] } }
}
