import type { Handler } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'

const PARAMETERS = {
  ms: { name: 'ms', meaning: 'time to wait', fallback: '50', min: '0', max: '10000' },
} as const

/** Input and answer of `io-sleep`, in milliseconds. */
export interface SleepInput {
  readonly ms: number
}

/** Waits on a timer. It does not watch the signal: a timer whose client has left costs nothing, a signal costs 3 µs. */
export const handler: Handler<SleepInput, SleepInput> = {
  id: 'io-sleep',
  path: '/io/sleep',
  kind: 'io',
  summary: 'Waits on a timer: the ideal of I/O, no work but the request itself.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => ({ ms: Number(readWholeNumbers(query, PARAMETERS).ms) }),
  run: ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, { ms })),
}
