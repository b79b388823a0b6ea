import type { EqualityRule } from '../../core/records.ts'
import type { Answer } from './answers.ts'
import { bodyDifferences } from './body-differences.ts'

/**
 * What must be equal: the status alone; the headers with it; the headers that say what the body is, and the body (usually);
 * the same with JSON compared by its value, whatever the order of keys.
 */
export type EqualityLevel = EqualityRule['level']

/** One place in which two answers differ. */
export interface Difference {
  /** `status`, `header etag`, or a place in the body: `$.items[0].id`, `line 3`, `body`. */
  readonly place: string
  readonly wanted: string
  readonly got: string
  /** Path of the object that has this key in one of the answers alone. */
  readonly optionalIn?: string
}

/** Headers that say what the body is, or where else to look: as much a part of the answer as the body. */
const OF_THE_BODY: readonly string[] = ['content-type', 'content-encoding', 'location']

/** Every place in which an answer differs from another one, as far as the level looks. */
export function differencesOf(wanted: Answer, got: Answer, level: EqualityLevel): Difference[] {
  const found: Difference[] = []
  if (wanted.status !== got.status) {
    found.push({ place: 'status', wanted: String(wanted.status), got: String(got.status) })
  }
  if (level === 'status') return found
  const names = level === 'headers' ? namesOf(wanted, got) : OF_THE_BODY
  for (const name of names) {
    const [a, b] = [valueOf(wanted, name), valueOf(got, name)]
    if (a !== b) found.push({ place: `header ${name}`, wanted: a || 'none', got: b || 'none' })
  }
  return level === 'headers' ? found : [...found, ...bodyDifferences(wanted.body, got.body, level === 'body')]
}

/** Headers of either answer, by name. */
export function namesOf(wanted: Answer, got: Answer): string[] {
  return [...new Set([...Object.keys(wanted.headers), ...Object.keys(got.headers)])].sort()
}

/** A header's value; types are compared without regard to case and spaces. */
function valueOf({ headers }: Answer, name: string): string {
  const value = headers[name] ?? ''
  if (name === 'content-type') return value.toLowerCase().replaceAll(' ', '')
  return name === 'content-encoding' ? value || 'identity' : value
}
