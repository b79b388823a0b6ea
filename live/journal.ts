import { randomBytes } from 'node:crypto'
import type { TimelineItem } from '../core/timeline.ts'
import { encodeItem, keysAfter, type UnitKeys } from './wire.ts'

/** Most items that are kept for viewers who come later: about two hours of a run, with what happens in it. */
export const MOST_ITEMS = 20_000

/** Most text that is kept, in characters. */
export const MOST_CHARACTERS: number = 32 * 2 ** 20

/** Kinds whose last item says how things stand: kept when all else of their time is dropped. */
const STANDING = ['run', 'step', 'phase', 'units'] as const satisfies readonly TimelineItem['kind'][]

/** One kept item: its number, from 1, and its JSON as viewers are sent it (wire.ts). */
export interface Entry {
  readonly number: number
  readonly text: string
}

/** What a page is sent, for everyone who opens it, however late: items by number, from the oldest that is kept on. */
export interface Journal {
  /** Distinguishes this journal from every other: a page that knew another one starts again. */
  readonly id: string
  /** Number of the oldest item that is kept. */
  readonly first: number
  /** Number of the newest item; 0 when there is none. */
  readonly last: number
  /** The newest beats that are not kept, likewise; null where there are none. */
  readonly beats: string | null
  /** How things stood when the oldest kept item came, likewise, for those who start there. */
  standing(): readonly string[]
  /** Items from a number on, up to `characters` characters but at least one; none when there are none yet. */
  from(number: number, characters: number): readonly Entry[]
}

/** What distinguishes a journal from those that a page may have known; short, since it comes with every message. */
export function newJournalId(): string {
  return randomBytes(5).toString('base64url')
}

/**
 * What a page was sent so far, for everyone who opens it later: kept once for all viewers, as text, and bounded. When
 * the oldest items are dropped, those that say how things stand are kept in their stead.
 */
export class LiveJournal implements Journal {
  readonly id: string = newJournalId()
  readonly #most: { readonly items: number; readonly characters: number }
  readonly #entries: (Entry & { readonly kind: TimelineItem['kind'] })[] = []
  readonly #standing = new Map<TimelineItem['kind'], string>()
  /** Entries before this place were dropped; the list is cut when they are many. */
  #start = 0
  #last = 0
  #characters = 0
  #beats: string | null = null
  #keys: UnitKeys = []

  constructor(most: { readonly items: number; readonly characters: number } = DEFAULT_BOUNDS) {
    this.#most = most
  }

  /** Keeps an item; of beats that are not to be kept only the newest. */
  push(item: TimelineItem): void {
    const text = encodeItem(item, this.#keys)
    this.#keys = keysAfter(item, this.#keys)
    if (item.kind === 'beats' && !item.kept) {
      this.#beats = text
      return
    }
    // Beats of before tell less than these, and would name the units of before.
    if (item.kind === 'beats' || item.kind === 'units') this.#beats = null
    this.#entries.push({ number: ++this.#last, text, kind: item.kind })
    this.#characters += text.length
    while (this.size > this.#most.items || this.#characters > this.#most.characters) this.#drop()
  }

  get last(): number {
    return this.#last
  }

  get first(): number {
    return this.#last - this.size + 1
  }

  /** How many items are kept. */
  get size(): number {
    return this.#entries.length - this.#start
  }

  get beats(): string | null {
    return this.#beats
  }

  standing(): readonly string[] {
    return STANDING.flatMap((kind) => this.#standing.get(kind) ?? [])
  }

  from(number: number, characters: number): readonly Entry[] {
    const entries: Entry[] = []
    let length = 0
    for (let place = this.#start + Math.max(0, number - this.first); place < this.#entries.length; place++) {
      const entry = this.#entries[place] as Entry
      length += entry.text.length
      if (entries.length > 0 && length > characters) break
      entries.push(entry)
    }
    return entries
  }

  #drop(): void {
    const dropped = this.#entries[this.#start]
    if (dropped === undefined) return
    this.#start += 1
    this.#characters -= dropped.text.length
    if ((STANDING as readonly string[]).includes(dropped.kind)) this.#standing.set(dropped.kind, dropped.text)
    if (this.#start < 1024 && this.size > 0) return
    this.#entries.splice(0, this.#start)
    this.#start = 0
  }
}

const DEFAULT_BOUNDS = { items: MOST_ITEMS, characters: MOST_CHARACTERS }
