import type { Writable } from 'node:stream'
import type { Journal } from './journal.ts'

/** Most characters in one message, and so most that is buffered here for one viewer. */
const MESSAGE_CHARACTERS = 16_384

/**
 * One open page. It is a place in the journal and no buffer: a viewer that does not read gets nothing more until it does,
 * and then goes on where it was, or from the start when that has been dropped.
 */
export class Viewer {
  readonly #response: Writable
  readonly #journal: Journal
  /** Number of the next item it is to get; 0 when it has to start again. */
  #next: number
  #blocked = false
  #ending = false
  #beats: string | null = null

  /** `lastEventId` is what a browser that comes back heard last; it goes on after it where this journal wrote it. */
  constructor(response: Writable, journal: Journal, lastEventId: string | undefined) {
    this.#response = response
    this.#journal = journal
    this.#next = placeAfter(lastEventId, journal)
    response.on('drain', () => {
      this.#blocked = false
      this.send()
    })
  }

  /** Bytes that were sent and that it has not read. */
  get heldBytes(): number {
    return this.#response.writableLength
  }

  /** Sends what it has not had yet, as long as it reads: the newest beats once it has had everything before them. */
  send(): void {
    while (!this.#blocked && !this.#response.writableEnded) {
      const start = this.#next < this.#journal.first ? this.#startAgain() : ''
      const entries = this.#journal.from(this.#next, MESSAGE_CHARACTERS)
      const last = entries.at(-1)
      if (last === undefined) {
        this.#write(`${start}${this.#newestBeats()}`)
        if (this.#ending && !this.#blocked) this.#response.end()
        return
      }
      this.#next = last.number + 1
      const texts = entries.map(({ text }) => text).join(',')
      const beats = last.number === this.#journal.last ? this.#newestBeats() : ''
      this.#write(`${start}id: ${this.#journal.id}/${last.number}\ndata: [${texts}]\n\n${beats}`)
    }
  }

  /** Ends the stream once all is sent. */
  end(): void {
    this.#ending = true
    this.send()
  }

  #newestBeats(): string {
    const { beats } = this.#journal
    if (beats === null || beats === this.#beats) return ''
    this.#beats = beats
    return `event: beats\ndata: ${beats}\n\n`
  }

  #startAgain(): string {
    this.#next = this.#journal.first
    return `event: start\ndata: [${this.#journal.standing().join(',')}]\n\n`
  }

  #write(message: string): void {
    if (message !== '' && !this.#response.write(message)) this.#blocked = true
  }
}

function placeAfter(lastEventId: string | undefined, journal: Journal): number {
  const [id, number] = (lastEventId ?? '').split('/')
  if (id !== journal.id || !/^\d+$/.test(number ?? '')) return 0
  const next = Number(number) + 1
  return next >= journal.first && next <= journal.last + 1 ? next : 0
}
