import type { RetryPolicy } from '../../core/load.ts'

/** How clients behave, as it can be changed while an open loop runs. */
export interface ClientPolicy {
  /** Seconds after which a client gives a request up, counted from its sending. */
  readonly timeoutS?: number
  /** Most connections at once, of all clients together. */
  readonly maxConnections?: number
  /** Connections that are opened before one is used again, of all clients together. */
  readonly minConnections?: number
  /** Requests after which a client closes a connection; null = it keeps it. */
  readonly requestsPerConnection?: number | null
  /** How they try again what failed; what is not given stays as it is. */
  readonly retries?: Partial<RetryPolicy>
}

/** Hands changes of the clients' policy to the loop that runs; one that comes before the loop begins waits for it. */
export class Steering {
  #listener: ((policy: ClientPolicy) => void) | null = null
  #waiting: ClientPolicy = {}

  /** Changes the policy of the loop that runs, or of the next one to begin. */
  apply(policy: ClientPolicy): void {
    if (this.#listener === null) this.#waiting = addPolicies(this.#waiting, policy)
    else this.#listener(policy)
  }

  /** The loop that begins takes the changes from now on, those that waited at once. */
  take(listener: (policy: ClientPolicy) => void): void {
    this.#listener = listener
    listener(this.#waiting)
    this.#waiting = {}
  }
}

/** A policy with the changes of another one. */
export function addPolicies(before: ClientPolicy, changes: ClientPolicy): ClientPolicy {
  const retries = { ...before.retries, ...changes.retries }
  return { ...before, ...changes, ...(Object.keys(retries).length === 0 ? {} : { retries }) }
}
