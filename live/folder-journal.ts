import { isAlive } from '../cluster/proc.ts'
import type { TimelineItem } from '../core/timeline.ts'
import { isComplete } from '../store/folder-kind.ts'
import { TimelineReader } from '../store/timeline-file.ts'
import { type Entry, type Journal, newJournalId } from './journal.ts'
import { reportedVerdicts } from './reported-verdicts.ts'
import { encodeItem, keysAfter, type UnitKeys } from './wire.ts'

const CUT_OFF =
  'The timeline ends here, before its run did; the run went on to its end. `npx forkwise report DIR` has all of it.'

const WITHOUT_A_WORD =
  'The run ended without a word, when after its last event is not known: its process is gone. `npx forkwise report DIR` shows what it had finished.'

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
  readonly #dir: string
  readonly #reader: TimelineReader
  readonly #places: Place[] = []
  /** The items that name units, by their numbers. */
  readonly #units: { readonly number: number; readonly keys: UnitKeys }[] = []
  /** The process that runs it, as the timeline names it; null where it does not. */
  #process: NonNullable<Extract<TimelineItem, { readonly kind: 'run' }>['process']> | null = null
  #hasEnded = false
  #isClosed = false
  /** The final verdicts in the timeline, as JSON. */
  #verdicts = ''

  constructor(dir: string) {
    this.#dir = dir
    this.#reader = new TimelineReader(dir)
  }

  /**
   * The items that were added since the last call. Where the timeline of a run that is over, or was killed, has no end, one
   * is added; verdicts become those of the report. Throws RESULT_INVALID when the file is damaged, or of another version.
   */
  read(): TimelineItem[] {
    const items = this.#readFile()
    if (this.last === 0 || this.#isClosed || this.#goesOn()) return items
    // What it wrote until it was found to be gone is in the file now.
    items.push(...this.#readFile())
    this.#isClosed = true
    for (const item of this.#closingItems()) {
      this.#places.push({ item })
      items.push(item)
    }
    return items
  }

  #readFile(): TimelineItem[] {
    return this.#reader.read().map(({ item, from, to }) => {
      this.#places.push({ from, to })
      if (item.kind === 'units') this.#units.push({ number: this.last, keys: keysAfter(item, []) })
      if (item.kind === 'run') this.#process = item.process ?? null
      if (item.kind === 'run' || item.kind === 'end') this.#hasEnded = item.kind === 'end'
      if (item.kind === 'run') this.#isClosed = false
      if (item.kind === 'verdicts') this.#verdicts = item.final ? JSON.stringify(item.verdicts) : ''
      this.#lastMs = item.atMs
      return item
    })
  }

  /** Whether more may be written. */
  #goesOn(): boolean {
    if (this.#hasEnded) return false
    const goesOn = this.#process === null ? !isComplete(this.#dir) : isAlive(this.#process)
    if (goesOn) this.#seenAtMs = Date.now()
    return goesOn
  }

  #closingItems(): readonly TimelineItem[] {
    const atMs = this.#lastMs
    const isOver = isComplete(this.#dir)
    const verdicts = isOver
      ? reportedVerdicts(this.#dir, atMs).filter(
          (item) => item.kind !== 'verdicts' || JSON.stringify(item.verdicts) !== this.#verdicts,
        )
      : []
    if (this.#hasEnded) return verdicts
    return [
      ...verdicts,
      ...(isOver ? [{ kind: 'mark', atMs, level: 'warning', text: CUT_OFF } as const] : []),
      isOver
        ? { kind: 'end', atMs, text: 'The run is over.', failed: false }
        : { kind: 'end', atMs: Math.max(atMs, this.#seenAtMs), text: WITHOUT_A_WORD, failed: true },
    ]
  }

  #lastMs = 0

  /** When the run was last seen to go on, in ms since the epoch; 0 where it never was. */
  #seenAtMs = 0

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
