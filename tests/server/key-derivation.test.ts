import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { hereContext } from '../../server/here-context.ts'
import { type DerivationPolicy, KeyDerivation } from '../../server/key-derivation.ts'

const KEY = { rounds: 2, bytes: 32, digest: 'sha256' }
const DIGITS = '36c046c58bacc2e73c352ba11f80e246024d7f75343ae713f3a7c27a6bf3ebba'

describe.each<[string, DerivationPolicy]>([
  ['on the threads of libuv', { mostAtOnce: null, threads: null }],
  ['one at a time', { mostAtOnce: 1, threads: null }],
  ['in two threads of its own', { mostAtOnce: null, threads: 2 }],
  ['in two threads of its own, one at a time', { mostAtOnce: 1, threads: 2 }],
])('%s', (_, policy) => {
  test('every key is the same', async () => {
    const derivation = new KeyDerivation(policy)
    const keys = await Promise.all(Array.from({ length: 9 }, async () => derivation.derive(KEY, hereContext())))
    expect(new Set(keys)).toEqual(new Set([DIGITS]))
  })

  test('what is wrong with a key is told, and the next one comes all the same', async () => {
    const derivation = new KeyDerivation({ ...policy, threads: null })
    await expect(derivation.derive({ ...KEY, digest: 'sha-none' }, hereContext())).rejects.toThrow('digest')
    await expect(derivation.derive(KEY, hereContext())).resolves.toBe(DIGITS)
  })
})

test('a key that is given up before its turn is not waited for', async () => {
  const derivation = new KeyDerivation({ mostAtOnce: 1, threads: null })
  const first = derivation.derive({ ...KEY, rounds: 200_000 }, hereContext())
  const left = new AbortController()
  const second = derivation.derive(KEY, hereContext({ signal: left.signal }))
  await turn()
  left.abort(new Error('the client left'))
  await expect(second).rejects.toThrow('the client left')
  await expect(first).resolves.toHaveLength(64)
})
