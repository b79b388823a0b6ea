import { isAlive } from '../cluster/proc.ts'
import type { TimelineItem } from '../core/timeline.ts'
import { TimelineReader } from '../store/timeline-file.ts'
import { type Entry, type Journal, newJournalId } from './journal.ts'
import { encodeItem, keysAfter, type UnitKeys } from './wire.ts'

/** Where an item is: in the file, from one byte to another, or in memory where no file has it. */
type Place = { readonly from: number; readonly to: number } | { readonly item: TimelineItem }

/**
 * The timeline in a results folder, for everyone who opens its page: what is sent is read from the file again, so that
 * neither its length nor the number of viewers costs memory. It grows while the run is going on.
 */
export class FolderJournal implements Journal {
  readonly id: string = newJournalId()
  readonly first = 1
  readonly beats = null
  readonly #reader: TimelineReader
  readonly #places: Place[] = []
  /** The items that name units, by their numbers. */
  readonly #units: { readonly number: number; readonly keys: UnitKeys }[] = []
  /** The process that runs it; null when it has ended or is not known. */
  #running: NonNullable<Extract<TimelineItem, { readonly kind: 'run' }>['process']> | null = null

  constructor(dir: string) {
    this.#reader = new TimelineReader(dir)
  }

  /**
   * The items that were added since the last call. A killed run shows in its process: it is gone without
   * an end. Throws RESULT_INVALID when the file is damaged, or of another version of Forkwise.
   */
  read(): TimelineItem[] {
    // Looked at first: what it wrote last is in the file then.
    const isGone = this.#running !== null && !isAlive(this.#running)
    const items: TimelineItem[] = []
    for (const { item, from, to } of this.#reader.read()) {
      items.push(item)
      this.#places.push({ from, to })
      if (item.kind === 'units') this.#units.push({ number: this.last, keys: keysAfter(item, []) })
      if (item.kind === 'run') this.#running = item.process ?? null
      if (item.kind === 'end') this.#running = null
      this.#lastMs = item.atMs
    }
    if (this.#running !== null && isGone && items.length === 0) {
      const text = 'The run ended without a word: its process is gone.'
      const item: TimelineItem = { kind: 'end', atMs: this.#lastMs, text, failed: true }
      this.#running = null
      this.#places.push({ item })
      items.push(item)
    }
    return items
  }

  #lastMs = 0

  get last(): number {
    return this.#places.length
  }

  /** Nothing is ever dropped. */
  standing(): readonly string[] {
    return []
  }

  from(number: number, characters: number): readonly Entry[] {
    const entries: Entry[] = []
    const start = Math.max(1, number)
    let keys = this.#units.findLast((units) => units.number < start)?.keys ?? []
    let length = 0
    for (let next = start; next <= this.#places.length; next++) {
      const place = this.#places[next - 1] as Place
      const item = 'item' in place ? place.item : this.#reader.itemBetween(place.from, place.to)
      // A file that was removed in between has nothing more to send.
      if (item === null) break
      const text = encodeItem(item, keys)
      keys = keysAfter(item, keys)
      length += text.length
      if (entries.length > 0 && length > characters) break
      entries.push({ number: next, text })
    }
    return entries
  }
}
