import { handler } from '../../../server/handlers/cpu-fib.ts'
import { runToEnd } from '../../../server/slices.ts'

/** The Fibonacci number of that index, computed without a pause by the handler of Forkwise's app. */
export function fib(n: number): number {
  return (runToEnd(handler.run({ n }, NOTHING)) as { fib: number }).fib
}

/** This handler uses nothing of its surroundings. */
const NOTHING = {} as Parameters<typeof handler.run>[1]
