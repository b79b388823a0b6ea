import type { RetryPolicy, WorkloadRequest } from '../../core/load.ts'
import type { Random } from '../../core/random.ts'
import type { Ending } from './recorder.ts'

/** Most retries that a budget saves up while nothing fails. */
const SAVED = 10

/** Answers that say “not now”. */
const TRANSIENT: readonly number[] = [502, 503, 504]

/** Methods that may be repeated (RFC 9110, 9.2.2). */
const IDEMPOTENT: readonly WorkloadRequest['method'][] = ['GET', 'HEAD', 'PUT', 'DELETE']

/** Nothing is tried again. */
export const NO_RETRIES: RetryPolicy = { most: 0, backoffMs: 0, budget: null }

/** Decides for all clients of a generator process whether a request that failed is tried again, and when. */
export class Retries {
  #policy: RetryPolicy
  readonly #random: Random
  #saved = SAVED

  constructor(policy: RetryPolicy, random: Random) {
    this.#policy = policy
    this.#random = random
  }

  /** Changes the policy from now on. */
  change(policy: Partial<RetryPolicy>): void {
    this.#policy = { ...this.#policy, ...policy }
  }

  /** A request was sent for the first time: it earns its share of a retry. */
  earn(): void {
    this.#saved = Math.min(SAVED, this.#saved + (this.#policy.budget ?? 0))
  }

  /** Milliseconds until a request is tried again that failed and was tried again `tries` times before; null = it is not. */
  pauseMs(method: WorkloadRequest['method'], ending: Ending, tries: number): number | null {
    const { most, backoffMs, budget } = this.#policy
    if (tries >= most || !isTransient(ending) || !IDEMPOTENT.includes(method)) return null
    if (budget !== null) {
      if (this.#saved < 1) return null
      this.#saved--
    }
    return backoffMs * 2 ** tries * (0.5 + this.#random() / 2)
  }
}

function isTransient(ending: Ending): boolean {
  return ending.kind !== 'answer' || TRANSIENT.includes(ending.status)
}
