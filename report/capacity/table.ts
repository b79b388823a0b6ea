import { UNBOUNDED, type Estimate } from '../../core/records.ts'

/** An interval in words: `4–6`, `4 or more`, or a dash where one observation says nothing of it. */
export function intervalText({ low, high }: Estimate, write: (value: number) => string): string {
  if (high < UNBOUNDED) return `${write(low)}–${write(high)}`
  return low > 0 ? `${write(low)} or more` : '–'
}

/** The Node that ran a model, as the end of its heading; empty where none is known. */
export function nodeText({ node }: { readonly node?: string }): string {
  return node === undefined ? '' : `, Node ${node}`
}
