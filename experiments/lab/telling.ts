import { allOf } from '../../analysis/lab/claims.ts'
import type { LabClaim } from '../../core/lab-record.ts'
import { listText } from './figure-text.ts'

/** A part of what a lab shows: figures, and what follows from them where the claims about it are confirmed. */
export interface LabPart {
  /** What was measured, without a full stop; says no more than the figures. */
  readonly measured: string
  /** A clause, e.g. `the word moves no work anywhere`. */
  readonly so?: string
  /** The claims that must be confirmed for it. */
  readonly claims?: readonly string[]
}

/** What a lab shows, in one paragraph, which says of each thing what its claims say: so, not so, or not decided. */
export function paragraphOf(parts: readonly LabPart[], claims: readonly LabClaim[]): string {
  return parts.map((part) => partText(part, claims)).join(' ')
}

function partText({ measured, so, claims: ids = [] }: LabPart, claims: readonly LabClaim[]): string {
  if (so === undefined) return `${measured}.`
  const made = claims.filter(({ id }) => ids.includes(id))
  switch (allOf(made.map(({ outcome }) => outcome))) {
    case 'confirmed':
      return `${measured}: ${so}.`
    case 'does not hold here':
      return `${measured}. That ${so} does not hold here.`
    case 'undecided':
      return `${measured}. That ${so} is not decided by these figures.`
  }
}

/**
 * What was seen of several things, as the second sentence of a claim: `Here a and b hung, and c ended.` Those of which
 * nothing was seen could not be measured.
 */
export function hereText(things: readonly { readonly name: string; readonly did: string | null }[]): string {
  const did = [...new Set(things.map((thing) => thing.did ?? 'could not be measured'))]
  const groups = did.map((each) => {
    const names = things.flatMap(({ name, did: own }) => ((own ?? 'could not be measured') === each ? [name] : []))
    return `${listText(names)} ${each}`
  })
  return `Here ${groups.length < 2 ? groups.join('') : `${groups.slice(0, -1).join(', ')}, and ${groups.at(-1)}`}.`
}

/** A noun with its article: `a timer`, `an event handler`. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
}
