import type { Section } from './context.ts'
import { markup } from './markup.ts'

/** A folder that is not in a class, and why. */
export interface LeftOut {
  readonly dir: string
  readonly why: string
}

/** Which folders are not on the page of a class; no section where all are. */
export function leftOutSections(leftOut: readonly LeftOut[]): Section[] {
  if (leftOut.length === 0) return []
  return [
    {
      id: 'left-out',
      title: 'Left out',
      body: markup`<ul class="notes">${leftOut.map(({ dir, why }) => markup`<li>${`${dir}: ${why}.`}</li>\n`)}</ul>`,
    },
  ]
}
