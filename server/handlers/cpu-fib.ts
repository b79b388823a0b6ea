import type { Handler } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'

/** Below this, one call is one step of the work: fib(22) is 57,313 calls, about 0.2 ms. */
const STEP_N = 22

/** The largest n takes about 1 s in Node and 8 s in Python, which answers the same requests (2 shared cores, 2026). */
const PARAMETERS = {
  n: { name: 'n', meaning: 'index of the Fibonacci number', fallback: '27', min: '0', max: '38' },
} as const

/** Input of `cpu-fib`. */
export interface FibInput {
  readonly n: number
}

/** Answer of `cpu-fib`. */
export interface FibAnswer {
  readonly n: number
  readonly fib: number
}

/** The naive recursion, all of its calls. */
export const handler: Handler<FibInput, FibAnswer> = {
  id: 'cpu-fib',
  path: '/cpu/fib',
  kind: 'cpu',
  summary: 'Computes a Fibonacci number by the naive recursion: pure calls, no memory.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => ({ n: Number(readWholeNumbers(query, PARAMETERS).n) }),
  *run({ n }) {
    return { n, fib: yield* slicedFib(n) }
  },
}

/** The top of the recursion with a stack of its own, so that it can yield; each step below is the plain recursion. */
function* slicedFib(n: number): Generator<void, number> {
  const pending = [n]
  let sum = 0
  for (let k = pending.pop(); k !== undefined; k = pending.pop()) {
    if (k > STEP_N) {
      pending.push(k - 2, k - 1)
      continue
    }
    sum += fib(k)
    if (pending.length > 0) yield
  }
  return sum
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}
