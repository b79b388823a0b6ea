import type { Beat, TimelineItem, UnitFigures } from '../core/timeline.ts'

type Item<K extends TimelineItem['kind']> = Extract<TimelineItem, { readonly kind: K }>

/** Keys of the units that the newest item of kind `units` named, in its order: their places stand for them in a stream. */
export type UnitKeys = readonly string[]

/** By the place of their units: 0 where there is nothing about one, and none for those after the last. */
type Rows<R> = readonly (R | 0)[]

/** A beat of a process that runs, in whole ms: its turn since the earliest of the message, and its age. All others are sent as they are. */
type BeatRow = readonly [turnedMs: number, ageMs: number] | Beat

type FigureRow = readonly [
  cpuCores: number | null,
  rssBytes: number | null,
  ratePerS: number | null,
  active: number | null,
  connections: number | null,
  utilization: number | null,
]

type WireBeats = readonly [
  kind: 'beats',
  atMs: number,
  kept: 0 | 1,
  earliestMs: number,
  rows: Rows<BeatRow>,
  strangers?: Readonly<Record<string, Beat>>,
]

type WireFigures = readonly [
  kind: 'figures',
  atMs: number,
  rows: Rows<FigureRow>,
  strangers?: Readonly<Record<string, UnitFigures>>,
]

/**
 * An item as viewers are sent it. What comes every second for every unit, heartbeats and figures, is rows of numbers; all
 * else is as it is. Nothing is lost: numbers that do not fit are sent in full.
 */
export type WireItem = Exclude<TimelineItem, Item<'beats' | 'figures'>> | WireBeats | WireFigures

/** The JSON of an item for viewers; `keys`: those of the units when it came. */
export function encodeItem(item: TimelineItem, keys: UnitKeys): string {
  return JSON.stringify(wireItem(item, keys))
}

/** The item that was sent; `keys`: those of the units that were sent before it. */
export function decodeItem(wire: WireItem, keys: UnitKeys): TimelineItem {
  if ('kind' in wire) return wire
  if (wire[0] === 'figures') {
    const [, atMs, rows, strangers] = wire
    return { kind: 'figures', atMs, units: { ...byKey(rows, keys, figuresOf), ...strangers } }
  }
  const [, atMs, kept, earliestMs, rows, strangers] = wire
  const beats = byKey(rows, keys, (row) => ('process' in row ? row : beatOf(row, earliestMs)))
  return { kind: 'beats', atMs, kept: kept === 1, beats: { ...beats, ...strangers } }
}

/** The keys of the units once an item has come. */
export function keysAfter(item: TimelineItem, before: UnitKeys): UnitKeys {
  return item.kind === 'units' ? item.units.map(({ key }) => key) : before
}

/** Reads the messages of a stream, in the order in which they come. */
export class WireReader {
  #keys: UnitKeys = []

  /** The items of a message: a JSON array of items as they are sent. */
  read(text: string): readonly TimelineItem[] {
    return (JSON.parse(text) as readonly WireItem[]).map((wire) => {
      const item = decodeItem(wire, this.#keys)
      this.#keys = keysAfter(item, this.#keys)
      return item
    })
  }
}

function wireItem(item: TimelineItem, keys: UnitKeys): WireItem {
  if (item.kind === 'figures') {
    const { rows, strangers } = byPlace(item.units, keys, figureRow)
    return ['figures', item.atMs, rows, ...strangers]
  }
  if (item.kind !== 'beats') return item
  const turnsMs = Object.values(item.beats).flatMap((beat) => numbersOf(beat)?.[0] ?? [])
  const earliestMs = turnsMs.reduce((least, each) => Math.min(least, each), turnsMs[0] ?? 0)
  const { rows, strangers } = byPlace(item.beats, keys, (beat): BeatRow => {
    const numbers = numbersOf(beat)
    return numbers === null ? beat : [numbers[0] - earliestMs, numbers[1]]
  })
  return ['beats', item.atMs, item.kept ? 1 : 0, earliestMs, rows, ...strangers]
}

/** When it turned and how long ago that was, both in ms, where that says all of a beat. */
function numbersOf({ process, turnedAtS, ageS, draining }: Beat): readonly [turnedMs: number, ageMs: number] | null {
  const [turnedMs, ageMs] = [wholeMs(turnedAtS), wholeMs(ageS)]
  return process !== 'running' || draining || turnedMs === null || ageMs === null ? null : [turnedMs, ageMs]
}

/** Seconds as the whole ms from which they can be had back; null where there are none. */
function wholeMs(seconds: number | null): number | null {
  const ms = Math.round(1000 * (seconds ?? NaN))
  return Number.isSafeInteger(ms) && ms / 1000 === seconds ? ms : null
}

function beatOf([turnedMs, ageMs]: readonly [number, number], earliestMs: number): Beat {
  return { process: 'running', turnedAtS: (earliestMs + turnedMs) / 1000, ageS: ageMs / 1000, draining: false }
}

function figureRow({ cpuCores, rssBytes, ratePerS, active, connections, utilization }: UnitFigures): FigureRow {
  return [cpuCores, rssBytes, ratePerS, active, connections, utilization]
}

function figuresOf([cpuCores, rssBytes, ratePerS, active, connections, utilization]: FigureRow): UnitFigures {
  return { cpuCores, rssBytes, ratePerS, active, connections, utilization }
}

function byPlace<T, R>(
  units: Readonly<Record<string, T>>,
  keys: UnitKeys,
  rowOf: (unit: T) => R,
): { readonly rows: Rows<R>; readonly strangers: readonly [] | readonly [Readonly<Record<string, T>>] } {
  const left = new Map(Object.entries(units))
  const rows = keys.map((key): R | 0 => {
    const unit = left.get(key)
    left.delete(key)
    return unit === undefined ? 0 : rowOf(unit)
  })
  return {
    rows: rows.slice(0, rows.findLastIndex((row) => row !== 0) + 1),
    strangers: left.size === 0 ? [] : [Object.fromEntries(left)],
  }
}

function byKey<R, T>(rows: Rows<R>, keys: UnitKeys, unitOf: (row: R) => T): Record<string, T> {
  return Object.fromEntries(rows.flatMap((row, place) => (row === 0 ? [] : [[keys[place] ?? '', unitOf(row)]])))
}
