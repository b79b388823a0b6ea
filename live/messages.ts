import type { Journal } from './journal.ts'

/** Most characters of items in one message, and so most that is buffered here for one viewer, but for one item that is longer. */
const MESSAGE_CHARACTERS = 16_384

/** Bytes for a viewer, ready to be written, and where it stands once it has them. */
export interface Message {
  readonly bytes: Buffer
  /** Number of the next item. */
  readonly next: number
  /** The newest beats that it has then, as JSON; null where it had none. */
  readonly beats: string | null
  /** Everything that was there is in it. */
  readonly complete: boolean
}

/**
 * What viewers are sent, made once for all that stand at the same place: twenty who keep up cost one encoding and one
 * buffer. Only the latest message is kept.
 */
export class Messages {
  readonly #journal: Journal
  #made: { readonly message: Message | null; readonly key: string } | null = null

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** The message for who is to get this item next (0 = starts anew) and had these beats last; null when there is nothing new. */
  after(next: number, beats: string | null): Message | null {
    const { last, first } = this.#journal
    const isStart = next < first
    const isCurrent = beats === this.#journal.beats || this.#journal.beats === null
    if (!isStart && next > last && isCurrent) return null
    const key = `${next} ${last} ${first} ${isCurrent} ${this.#journal.beats ?? ''}`
    if (this.#made?.key !== key) this.#made = { key, message: this.#make(next, beats) }
    return this.#made.message
  }

  #make(next: number, beats: string | null): Message | null {
    const { id, first, last } = this.#journal
    const isStart = next < first
    const start = isStart ? `event: start\ndata: [${this.#journal.standing().join(',')}]\n\n` : ''
    const entries = this.#journal.from(Math.max(next, first), MESSAGE_CHARACTERS)
    const newest = entries.at(-1)?.number ?? Math.max(next, first) - 1
    const items =
      entries.length === 0 ? '' : `id: ${id}/${newest}\ndata: [${entries.map(({ text }) => text).join(',')}]\n\n`
    // Beats come after everything before them.
    const fresh = newest >= last && this.#journal.beats !== beats ? this.#journal.beats : null
    const text = `${start}${items}${fresh === null ? '' : `event: beats\ndata: [${fresh}]\n\n`}`
    // A file that was removed in between has nothing more to send.
    const complete = newest >= last || entries.length === 0
    if (text === '') return null
    return { bytes: Buffer.from(text), next: newest + 1, beats: fresh ?? beats, complete }
  }
}
