import { ratioDecimals } from '../core/quantities.ts'
import { boundsOf } from '../core/estimate.ts'
import type { Estimate } from '../core/records.ts'

/** A ratio for people: `1.86×`, `0.972×`, `0.041×`. */
export function ratioText(ratio: number): string {
  return `${ratio.toFixed(ratioDecimals(ratio))}×`
}

/** Bounds of a ratio for people, with the decimals of its estimate: `1.81–1.91`, `at least 1.81`, `not known`. */
export function boundsText(ratio: Estimate): string {
  const decimals = ratioDecimals(ratio.estimate)
  const [low, high] = boundsOf(ratio)
  if (low !== null && high !== null) return `${low.toFixed(decimals)}–${high.toFixed(decimals)}`
  if (low !== null) return `at least ${low.toFixed(decimals)}`
  return high === null ? 'not known' : `at most ${high.toFixed(decimals)}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** `1 block`, `12 blocks`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A model, or a model under one workload: `cluster under io`. */
export function cellName({ model, workload }: { readonly model: string; readonly workload?: string }): string {
  return workload === undefined ? model : `${model} under ${workload}`
}
