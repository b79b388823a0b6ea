import type { TimelineItem } from '../../core/timeline.ts'
import { Timeline } from './state.ts'

/** Most items that can be looked back at, about five hours; the oldest go first. */
export const MOST_PLAYED = 60_000

/** Pauses between a run that stopped and its going on are played as this long, in ms. */
const RESUMED_AFTER_MS = 1000

/**
 * A timeline as far as it is known, and the run as it stood at any moment of it. Time in which nothing ran, between a stop
 * and the going on, is left out. Does no input or output and reads no clock.
 */
export class Player {
  /** The run as it stands after the latest item. */
  newest: Timeline = new Timeline()
  readonly #items: TimelineItem[] = []
  #shown: { readonly timeline: Timeline; next: number; atMs: number } | null = null
  #skippedMs = 0

  /** Takes in what happened next; gives it with the times at which it is played. */
  add(items: readonly TimelineItem[]): readonly TimelineItem[] {
    const all = items.map((item) => {
      if (item.kind === 'run' && this.newest.startedAtMs !== null) {
        const expectedMs = this.newest.nowMs + this.#skippedMs + RESUMED_AFTER_MS
        this.#skippedMs += Math.max(0, item.atMs - expectedMs)
      }
      const played = this.#skippedMs === 0 ? item : { ...item, atMs: item.atMs - this.#skippedMs }
      this.newest.apply(played)
      // Beats that are not kept only move what is shown; nobody looks back at them.
      if (played.kind !== 'beats' || played.kept) this.#items.push(played)
      return played
    })
    if (this.#items.length <= MOST_PLAYED) return all
    this.#items.splice(0, this.#items.length - 0.9 * MOST_PLAYED)
    this.#shown = null
    return all
  }

  /** Lets time pass until a moment by the clock, in ms since the epoch: the time of a run that goes on does not wait for its events. */
  passUntil(clockMs: number): void {
    if (this.newest.end !== null || this.newest.startedAtMs === null) return
    this.newest.passUntil(clockMs - this.#skippedMs)
  }

  /** When it began, in ms since the epoch. */
  get startMs(): number {
    return this.newest.startedAtMs ?? this.#items[0]?.atMs ?? this.newest.nowMs
  }

  /** The run as it stood at a moment. Going forward costs what happened meanwhile, going back all before it. */
  at(atMs: number): Timeline {
    let shown = this.#shown
    if (shown === null || shown.atMs > atMs) shown = { timeline: new Timeline(), next: 0, atMs }
    for (; shown.next < this.#items.length; shown.next++) {
      const item = this.#items[shown.next] as TimelineItem
      if (item.atMs > atMs) break
      shown.timeline.apply(item)
    }
    shown.atMs = atMs
    shown.timeline.passUntil(Math.min(atMs, this.newest.nowMs))
    this.#shown = shown
    return shown.timeline
  }
}
