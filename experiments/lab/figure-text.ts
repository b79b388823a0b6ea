import { formatCount, formatDuration } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'

/** How long something took, for the sentences of a lab; `unitS` is the unit of the figure in seconds. */
export function durationText(figure: Pick<Estimate, 'estimate'> | null, unitS: number): string {
  if (figure === null) return 'an unknown time'
  const seconds = figure.estimate * unitS
  return seconds > 0 && seconds < 1e-6 ? `${formatCount(seconds * 1e9)} ns` : formatDuration(seconds)
}

/** How many times one figure is another, for the sentences of a lab, with its interval. */
export function timesText(ratio: Estimate | null): string {
  if (ratio === null) return 'an unknown number of times'
  const { estimate, low, high } = ratio
  return `${formatCount(estimate)} times (95 % ${formatCount(low)}–${formatCount(high)})`
}

/** The names in a sentence: `a, b and c`. */
export function listText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
