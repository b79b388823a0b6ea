import type { Handler } from '../handler.ts'
import { deriveKey } from '../key-derivation.ts'
import { readWholeNumbers } from '../parameters.ts'

/** The largest number of rounds takes 2–3 s of a core (2 shared cores, 2026). */
const PARAMETERS = {
  rounds: { name: 'rounds', meaning: 'rounds of PBKDF2', fallback: '10000', min: '1', max: '5000000' },
  keys: { name: 'keys', meaning: 'times that the key is derived, all at once', fallback: '1', min: '1', max: '64' },
} as const

/** Input of `cpu-hash`. */
export interface HashInput {
  readonly rounds: number
  readonly keys: number
}

/** Answer of `cpu-hash`: the derived key in hexadecimal digits. */
export interface HashAnswer {
  readonly rounds: number
  readonly hash: string
}

/**
 * PBKDF2-HMAC-SHA256 of a fixed password and salt, 32 bytes, in native code on the threads of libuv, unless the process is
 * set to other ones (key-derivation.ts).
 */
export const handler: Handler<HashInput, HashAnswer> = {
  id: 'cpu-hash',
  path: '/cpu/hash',
  kind: 'cpu',
  offLoop: true,
  summary: 'Derives a key with PBKDF2: native computing that leaves the event loop by itself.',
  parameters: Object.values(PARAMETERS),
  parse(query) {
    const { rounds, keys } = readWholeNumbers(query, PARAMETERS)
    return { rounds: Number(rounds), keys: Number(keys) }
  },
  async run({ rounds, keys }, context) {
    const settings = { rounds, bytes: 32, digest: 'sha256' }
    const derived = await Promise.all(Array.from({ length: keys }, async () => deriveKey(settings, context)))
    return { rounds, hash: derived[0] ?? '' }
  },
}
