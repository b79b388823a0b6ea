import type { Duplex } from 'node:stream'
import { messageOf } from '../core/errors.ts'

/** Bytes before each message that say how long it is. */
const HEAD_BYTES = 4

/** Who hears of what comes in. */
export interface FrameEvents {
  /** One message, parsed, not checked. */
  message(value: unknown): void
  /** What came is no message: too long, or no JSON. Nothing is read afterwards. */
  garbage(problem: string): void
}

/** One message as it is sent. */
export function frameOf(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, body])
}

/** Messages over a stream: four bytes of length, highest first, then that many bytes of JSON. */
export class Frames {
  /** Longest message that is taken, in bytes; none is kept in memory beyond it. */
  mostBytes: number
  readonly #stream: Duplex
  readonly #events: FrameEvents
  #chunks: Buffer[] = []
  #heldBytes = 0
  /** Length of the message that is coming in; null while its head is. */
  #bodyBytes: number | null = null
  #isOver = false

  constructor(stream: Duplex, mostBytes: number, events: FrameEvents) {
    this.#stream = stream
    this.mostBytes = mostBytes
    this.#events = events
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** Sends one message; nothing happens where the stream has ended. */
  send(message: object): void {
    if (this.#stream.writable) this.#stream.write(frameOf(message))
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#heldBytes += chunk.length
    while (!this.#isOver) {
      if (this.#bodyBytes === null) {
        if (this.#heldBytes < HEAD_BYTES) return
        this.#bodyBytes = this.#cut(HEAD_BYTES).readUInt32BE()
        if (this.#bodyBytes > this.mostBytes) {
          return this.#refuse(`a message of ${this.#bodyBytes} bytes, more than ${this.mostBytes}`)
        }
      }
      if (this.#heldBytes < this.#bodyBytes) return
      const body = this.#cut(this.#bodyBytes)
      this.#bodyBytes = null
      this.#hear(body)
    }
    this.#chunks = []
  }

  #cut(bytes: number): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(bytes)]
    this.#heldBytes -= bytes
    return all.subarray(0, bytes)
  }

  #hear(body: Buffer): void {
    let message: unknown
    try {
      message = JSON.parse(body.toString('utf8'))
    } catch (thrown) {
      return this.#refuse(`no JSON (${messageOf(thrown)})`)
    }
    this.#events.message(message)
  }

  #refuse(problem: string): void {
    this.#isOver = true
    this.#chunks = []
    this.#events.garbage(problem)
  }
}
