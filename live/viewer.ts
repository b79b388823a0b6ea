import type { Writable } from 'node:stream'
import type { Journal } from './journal.ts'
import type { Messages } from './messages.ts'

/**
 * One open page. It is a place in the journal and no buffer: a viewer that does not read gets nothing more until it does,
 * and then goes on where it was, or from the start when that has been dropped.
 */
export class Viewer {
  readonly #stream: Writable
  readonly #messages: Messages
  /** Number of the next item it is to get; 0 when it has to start again. */
  #next: number
  #blocked = false
  #ending = false
  #beats: string | null = null

  /** `lastEventId` is what a browser that comes back heard last; it goes on after it where this journal wrote it. */
  constructor(stream: Writable, messages: Messages, place: number) {
    this.#stream = stream
    this.#messages = messages
    this.#next = place
    stream.on('drain', () => {
      this.#blocked = false
      this.send()
    })
  }

  /** Bytes that were sent and that it has not read. */
  get heldBytes(): number {
    return this.#stream.writableLength
  }

  /** Sends what it has not had yet, as long as it reads: the newest beats once it has had everything before them. */
  send(): void {
    while (!this.#blocked && !this.#stream.writableEnded) {
      const message = this.#messages.after(this.#next, this.#beats)
      if (message !== null) {
        this.#next = message.next
        this.#beats = message.beats
        this.#blocked = !this.#stream.write(message.bytes)
      }
      if (message !== null && !message.complete) continue
      if (this.#ending && !this.#blocked) this.#stream.end()
      return
    }
  }

  /** Ends the stream once all is sent. */
  end(): void {
    this.#ending = true
    this.send()
  }
}

/** Where who heard a message last goes on: after it, where this journal wrote it; otherwise at 0, from the start. */
export function placeAfter(lastEventId: string | undefined, journal: Journal): number {
  const [id, number] = (lastEventId ?? '').split('/')
  if (id !== journal.id || !/^\d+$/.test(number ?? '')) return 0
  const next = Number(number) + 1
  return next >= journal.first && next <= journal.last + 1 ? next : 0
}
