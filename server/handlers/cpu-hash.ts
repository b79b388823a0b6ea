import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Handler } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'

const derive = promisify(pbkdf2)

/** The largest number of rounds takes 2–3 s of a core (2 shared cores, 2026). */
const PARAMETERS = {
  rounds: { name: 'rounds', meaning: 'rounds of PBKDF2', fallback: '10000', min: '1', max: '5000000' },
} as const

/** Input of `cpu-hash`. */
export interface HashInput {
  readonly rounds: number
}

/** Answer of `cpu-hash`: the derived key in hexadecimal digits. */
export interface HashAnswer {
  readonly rounds: number
  readonly hash: string
}

/** PBKDF2-HMAC-SHA256 of a fixed password and salt, 32 bytes, in native code on the threads of libuv. */
export const handler: Handler<HashInput, HashAnswer> = {
  id: 'cpu-hash',
  path: '/cpu/hash',
  kind: 'cpu',
  offLoop: true,
  summary: 'Derives a key with PBKDF2: native computing that leaves the event loop by itself.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => ({ rounds: Number(readWholeNumbers(query, PARAMETERS).rounds) }),
  async run({ rounds }) {
    const key = await derive('forkwise', 'a fixed salt', rounds, 32, 'sha256')
    return { rounds, hash: key.toString('hex') }
  },
}
