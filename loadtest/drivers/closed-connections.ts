import autocannon from 'autocannon'
import { bodyOf, type ClosedLoad } from '../../core/load.ts'
import { deriveSeed, seededRandom } from '../../core/random.ts'
import type { GeneratorJob } from '../generator-protocol.ts'
import { patchClient, type CannonClient, type ConnectionEvents, type PatchedConnection } from './autocannon-client.ts'
import { dealRequests } from './mix.ts'
import type { Recorder } from './recorder.ts'

/**
 * The connections of a closed loop: autocannon's, patched, dealt over the targets in turn. All draw their requests
 * from one deck, so that even a short slice asks for the mix's exact proportion. They send from the moment they are made until {@link ClosedConnections.stopSending}. autocannon's
 * own clock, rates and statistics are not used; this is the one file that imports it.
 */
export class ClosedConnections {
  /** Counts what happens while it is set. */
  recorder: Recorder | null = null
  /** When as many requests were answered as there are connections, twice as many, and so on, while none are counted. */
  readonly waveEndsMs: number[] = []
  opened = 0
  sent = 0
  answered = 0
  receivedBytes = 0
  readonly #connections: PatchedConnection[] = []
  readonly #clients: CannonClient[] = []
  #failure: Error | null = null
  #onEnding: (() => void) | undefined

  constructor(job: GeneratorJob, load: ClosedLoad) {
    const policy = { timeoutMs: load.timeoutS * 1000, closesSilently: job.closesSilently }
    const events = this.#events(
      dealRequests(job.requests, seededRandom(deriveSeed(load.seed, 'mix'))),
      load.connections,
    )
    const setupClient = (client: CannonClient): void => {
      this.#clients.push(client)
      this.#connections.push(patchClient(client, policy, events))
    }
    autocannon(
      {
        url: job.targets as unknown as string,
        connections: load.connections,
        duration: 1e6,
        timeout: 1e6,
        skipAggregateResult: true,
        requests: job.requests.map((request) => {
          const { method, path, headers } = request
          const body = bodyOf(request)
          return { method, path, headers: { ...headers }, ...(body === undefined ? {} : { body }) }
        }),
        setupClient: setupClient as unknown as (client: autocannon.Client) => void,
      },
      (error: Error | null) => {
        if (error !== null) this.#failure = error
      },
    )
    if (this.#failure !== null) throw this.#failure
  }

  /** Requests that await their answer. */
  get inFlight(): number {
    return this.#connections.reduce((waiting, connection) => waiting + (connection.waiting ? 1 : 0), 0)
  }

  /** Ends requests that are older than the timeout. */
  sweep(): void {
    const nowMs = performance.now()
    for (const connection of this.#connections) connection.sweep(nowMs)
  }

  /** Sends nothing more; answers to requests in flight are still taken. */
  stopSending(): void {
    for (const connection of this.#connections) connection.stop()
  }

  /** Resolves once no request is in flight, at the latest after `atMostMs`. */
  async drained(atMostMs: number): Promise<void> {
    if (this.inFlight === 0) return
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, atMostMs)
      this.#onEnding = () => {
        if (this.inFlight > 0) return
        clearTimeout(limit)
        resolve()
      }
    })
  }

  /** Closes every connection. */
  close(): void {
    for (const client of this.#clients) client.destroy()
  }

  #events(nextRequest: () => number, wave: number): ConnectionEvents {
    return {
      nextRequest,
      opened: () => {
        this.opened++
      },
      received: (bytes) => {
        this.receivedBytes += bytes
      },
      sent: () => {
        this.sent++
        this.recorder?.countSent()
      },
      answered: (request, status, tookMs) => {
        this.answered++
        if (this.recorder === null && this.answered % wave === 0) this.waveEndsMs.push(performance.now())
        const us = tookMs * 1000
        this.recorder?.countEnding(request, { kind: 'answer', status, latencyUs: us, serviceUs: us })
        this.#onEnding?.()
      },
      timedOut: (request) => {
        this.recorder?.countEnding(request, { kind: 'timeout' })
        this.#onEnding?.()
      },
      failed: (request, message) => {
        this.recorder?.countEnding(request, { kind: 'connection-error', message })
        this.#onEnding?.()
      },
    }
  }
}
