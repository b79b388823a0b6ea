import { ratioDecimals } from '../core/quantities.ts'
import { type Estimate, UNBOUNDED } from '../core/records.ts'

/** A ratio for people: `1.86×`, `0.972×`, `0.041×`. */
export function ratioText(ratio: number): string {
  return `${ratio.toFixed(ratioDecimals(ratio))}×`
}

/** Bounds of a ratio for people, with the decimals of its estimate: `1.81–1.91`, or `1.81–∞` where nothing bounds it. */
export function boundsText({ estimate, low, high }: Estimate): string {
  const decimals = ratioDecimals(estimate)
  return `${low.toFixed(decimals)}–${high >= UNBOUNDED ? '∞' : high.toFixed(decimals)}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** `1 block`, `12 blocks`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
