import { handler } from '../../../server/handlers/cpu-prime.ts'
import { runToEnd } from '../../../server/slices.ts'

/** The work next to the spinner: a number that is prime, tested again and again for a number of seconds. */
export interface PrimeWork {
  readonly n: string
  readonly seconds: number
}

/** Steps of about 0.2 ms: the same test of a number, in pieces. */
export function* primeSteps({ n, seconds }: PrimeWork): Generator<void, void> {
  const endAt = performance.now() + seconds * 1000
  do {
    yield* handler.run({ n }, undefined as never) as Generator<void>
  } while (performance.now() < endAt)
}

/** Computes without a pause: returns when all of it is done. */
export function computeNow(work: PrimeWork): void {
  void runToEnd(primeSteps(work))
}
