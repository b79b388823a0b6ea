import { type Estimate, UNBOUNDED } from '../core/records.ts'

/** A ratio for people: `1.004×` near 1, `1.86×`, `12.3×`, `140×`. */
export function ratioText(ratio: number): string {
  return `${ratioNumber(ratio)}×`
}

/** Bounds of a ratio for people: `1.81–1.91`, `0.991–1.004`; `no bounds` where a single block gave none. */
export function boundsText(estimate: Estimate): string {
  return estimate.high >= UNBOUNDED ? 'no bounds' : `${ratioNumber(estimate.low)}–${ratioNumber(estimate.high)}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** `1 block`, `12 blocks`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function ratioNumber(ratio: number): string {
  if (Math.abs(ratio - 1) < 0.1) return ratio.toFixed(3)
  return ratio >= 100 ? Math.round(ratio).toLocaleString('en-US') : ratio.toPrecision(3)
}
