import { expect, test } from 'vitest'
import { bindAddress, longOptions } from '../../cluster/python.ts'

test('options become words of a command line; true stands for a flag', () => {
  expect(longOptions({ bind: '127.0.0.1:80', workers: 2, master: true })).toEqual([
    '--bind',
    '127.0.0.1:80',
    '--workers',
    '2',
    '--master',
  ])
})

test.each([
  ['127.0.0.1', '127.0.0.1:80'],
  ['::1', '[::1]:80'],
])('%s is bound as %s', (host, address) => expect(bindAddress(host, 80)).toBe(address))
