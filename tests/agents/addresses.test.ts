import { expect, test } from 'vitest'
import { addressText, readAddress } from '../../agents/addresses.ts'
import { ProblemList } from '../../core/errors.ts'

test.each([
  ['10.0.0.2', { host: '10.0.0.2', port: 7420 }],
  ['gen-1.lab:80', { host: 'gen-1.lab', port: 80 }],
  ['[fe80::1]:9000', { host: 'fe80::1', port: 9000 }],
])('%s is an address', (text, address) => {
  const problems = new ProblemList()
  expect(readAddress(text, '--agents', problems)).toEqual(address)
  expect(problems.length).toBe(0)
  expect(readAddress(addressText(address), '--agents', problems)).toEqual(address)
})

test.each(['', 'a b', 'a:70000', 'a:', 'http://a:1', '::1'])('%j is none', (text) => {
  const problems = new ProblemList()
  expect(readAddress(text, '--agents', problems)).toBeNull()
  expect(() => problems.throwIfAny()).toThrow(/Expected `--agents` to be an address/)
})
