import { monotonicS } from './clock.ts'
import { Overloaded } from './overloaded.ts'

/** What a process allows the calls to its dependency. */
export interface DependencyPolicy {
  /** Milliseconds after which a call is given up; null = never. */
  readonly deadlineMs: number | null
  /** Most calls at once (a bulkhead): what would be more is refused at once; null = any number. */
  readonly mostCalls: number | null
  /** Calls in a row that fail or are slow, after which no more are made for a while (a circuit breaker); null = none. */
  readonly breakerFailures: number | null
  /** Seconds until an open circuit breaker lets one call through to see whether the dependency has recovered. */
  readonly breakerOpenS: number
  /** Milliseconds from which a call that succeeds counts as a failure for the circuit breaker. */
  readonly slowMs: number
}

/** Waits for the dependency however long it takes: what plain code does. */
export const UNGUARDED: DependencyPolicy = {
  deadlineMs: null,
  mostCalls: null,
  breakerFailures: null,
  breakerOpenS: 5,
  slowMs: 500,
}

/**
 * Keeps a slow dependency from taking the callers down with it: a bulkhead bounds the calls at once, a circuit breaker
 * makes none while they fail. The deadline is kept by whoever makes the call. One for each process.
 */
export class DependencyGuard {
  readonly policy: DependencyPolicy
  readonly #nowS: () => number
  #calls = 0
  #failures = 0
  /** When the next call may be made, while the circuit is open. */
  #openUntilS: number | null = null

  constructor(policy: DependencyPolicy = UNGUARDED, nowS: () => number = monotonicS) {
    this.policy = policy
    this.#nowS = nowS
  }

  /** Makes a call; rejects with {@link Overloaded}, without making it, when the circuit is open or the bulkhead is full. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const startedS = this.#nowS()
    this.#admit(startedS)
    this.#calls++
    let failed = true
    try {
      const answer = await call()
      failed = (this.#nowS() - startedS) * 1000 >= this.policy.slowMs
      return answer
    } finally {
      this.#calls--
      this.#note(failed)
    }
  }

  #admit(nowS: number): void {
    const { mostCalls, breakerOpenS } = this.policy
    if (this.#openUntilS !== null) {
      if (nowS < this.#openUntilS) throw new Overloaded('The circuit breaker is open.', this.#openUntilS - nowS)
      // The one call that finds out: all others wait for what comes of it.
      this.#openUntilS = nowS + breakerOpenS
    }
    if (mostCalls !== null && this.#calls >= mostCalls) {
      throw new Overloaded(`The dependency has ${mostCalls} calls in hand, the most it may have.`, 1)
    }
  }

  #note(failed: boolean): void {
    const { breakerFailures, breakerOpenS } = this.policy
    if (!failed) {
      this.#failures = 0
      this.#openUntilS = null
      return
    }
    this.#failures++
    if (breakerFailures !== null && this.#failures >= breakerFailures) this.#openUntilS = this.#nowS() + breakerOpenS
  }
}

let current = new DependencyGuard()

/** The guard of this process. */
export function dependencyGuard(): DependencyGuard {
  return current
}

/** Guards the calls to the dependency by another policy from now on. */
export function guardDependency(policy: DependencyPolicy): void {
  current = new DependencyGuard(policy)
}
