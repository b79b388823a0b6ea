import { setTimeout as sleep } from 'node:timers/promises'
import type { Handler } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'
import { handler as prime } from './cpu-prime.ts'

const PARAMETERS = {
  ms: { name: 'ms', meaning: 'time to wait first', fallback: '50', min: '0', max: '10000' },
  n: {
    name: 'n',
    meaning: 'number to test for primality then',
    fallback: '1000000000039',
    min: '0',
    max: '9999999999999999',
  },
} as const

/** Input of `mixed`. */
export interface MixedInput {
  readonly ms: number
  readonly n: string
}

/** Answer of `mixed`. */
export interface MixedAnswer {
  readonly ms: number
  readonly n: string
  readonly prime: boolean
}

/** Waits on a timer, then has the executor compute as `cpu-prime` does. */
export const handler: Handler<MixedInput, MixedAnswer> = {
  id: 'mixed',
  path: '/mixed',
  kind: 'mixed',
  summary: 'Waits, then computes: a request that fetches something and works on it.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => {
    const { ms, n } = readWholeNumbers(query, PARAMETERS)
    return { ms: Number(ms), n }
  },
  async run({ ms, n }, context) {
    if (ms > 0) await sleep(ms)
    return { ms, ...(await context.compute(prime, { n })) }
  },
}
