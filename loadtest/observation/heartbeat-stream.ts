import http from 'node:http'
import { HEARTBEATS_PATH } from '../../core/heartbeat.ts'
import { messageOf } from '../../core/errors.ts'
import { heartbeatOf, type Reading } from './unit-reading.ts'

/** Longest line that is waited for, in characters. */
const MOST_CHARACTERS = 64 * 1024

/** Who hears a unit. */
export interface HeartbeatListener {
  readonly onReading: (reading: Reading) => void
  /** Nothing more comes; not called after {@link HeartbeatStream.close}. */
  readonly onEnd: (reason: string) => void
}

/**
 * The heartbeats of one unit as it sends them. It looks itself whether its event loop turns, more often than it could be
 * asked for the same cost.
 */
export class HeartbeatStream {
  readonly #request: http.ClientRequest
  readonly #listener: HeartbeatListener
  #rest = ''
  #ended = false

  /** `metricsUrl`: the address of the unit's metrics. */
  constructor(metricsUrl: string, listener: HeartbeatListener) {
    this.#listener = listener
    this.#request = http.get(new URL(HEARTBEATS_PATH, metricsUrl), { agent: false })
    this.#request.once('error', (error) => this.#end(messageOf(error)))
    this.#request.once('response', (response) => {
      if (response.statusCode !== 200) return this.#fail(`status ${response.statusCode}`)
      response.setEncoding('utf8').on('data', (text: string) => this.#take(text))
      response.once('error', (error) => this.#end(messageOf(error)))
      response.once('close', () => this.#end('the connection was closed'))
    })
  }

  /** Hears nothing more. */
  close(): void {
    this.#ended = true
    this.#request.destroy()
  }

  /** Of several lines that came at once only the newest is heard. */
  #take(text: string): void {
    const all = this.#rest + text
    const end = all.lastIndexOf('\n')
    this.#rest = all.slice(end + 1)
    if (this.#rest.length > MOST_CHARACTERS) return this.#fail('a line without an end')
    if (end === -1 || this.#ended) return
    try {
      this.#listener.onReading(heartbeatOf(all.slice(all.lastIndexOf('\n', end - 1) + 1, end)))
    } catch (thrown) {
      this.#fail(messageOf(thrown))
    }
  }

  #fail(reason: string): void {
    this.#end(reason)
    this.#request.destroy()
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#listener.onEnd(reason)
  }
}
