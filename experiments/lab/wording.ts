import { boundsText, ratioText } from '../../analysis/wording.ts'
import { significant } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'

const NOT_MEASURED = 'not measured'

/** A median with its unit, e.g. `12.3 ms`; says so where there is none. */
export function amountText(quantity: Estimate | null, unit: string): string {
  return quantity === null ? NOT_MEASURED : `${significant(quantity.estimate)}${unit === '' ? '' : ` ${unit}`}`
}

/** A share in whole per cent, from a figure in %; says so where there is none. */
export function percentText(quantity: Estimate | null): string {
  return quantity === null ? NOT_MEASURED : `${Math.round(quantity.estimate)} %`
}

/** A ratio with its interval, e.g. `1.9× (1.8–2.0)`; says so where there is none. */
export function timesText(ratio: Estimate | null): string {
  return ratio === null ? NOT_MEASURED : `${ratioText(ratio.estimate)} (${boundsText(ratio)})`
}
