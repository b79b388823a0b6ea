import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { ProblemList } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'

/** Headers that belong to the connection, which is the client's to look after. */
const NOT_OURS = [
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'te',
  'trailer',
]

/** Headers that have one value: given twice, neither is known to be the one that was meant. */
const SINGLE = ['host', 'content-type', 'authorization', 'user-agent', 'referer', 'if-none-match', 'range']

/** True for a header that a request may carry: not one of the connection, nor one that HTTP/2 makes of the request itself. */
export function isOurs(name: string): boolean {
  return !name.startsWith(':') && !NOT_OURS.includes(name.toLowerCase())
}

/**
 * Headers with their names in small letters. One that is given twice is sent once, with both values as a list; those that
 * cannot be sent are noted under `name`.
 */
export function resolveHeaders(
  headers: readonly (readonly [name: string, value: string])[],
  name: string,
  problems: ProblemList,
): Readonly<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const [word, value] of headers) {
    const header = word.trim().toLowerCase()
    try {
      validateHeaderName(header)
      validateHeaderValue(header, value)
    } catch {
      problems.add(
        `Expected \`${name}\` to be a name and a value that HTTP allows, got ${quoted(`${word}: ${value}`)}.`,
      )
      continue
    }
    if (!isOurs(header)) problems.add(`Expected \`${name}\` to leave \`${header}\` to the generator.`)
    addHeader(resolved, header, value, name, problems)
  }
  return resolved
}

/** Adds a header to others; one that is there already becomes a list, or is noted where only one value makes sense. */
export function addHeader(
  headers: Record<string, string>,
  word: string,
  value: string,
  name: string,
  problems: ProblemList,
): void {
  const header = word.trim().toLowerCase()
  const key = Object.keys(headers).find((other) => other.toLowerCase() === header) ?? word.trim()
  // A header may have the name of something that every object has, or `__proto__`.
  const before = Object.hasOwn(headers, key) ? headers[key] : undefined
  if (before !== undefined && SINGLE.includes(header)) {
    problems.add(`Expected \`${name}\` to give \`${header}\` once, got ${quoted(before)} and ${quoted(value)}.`)
  }
  const all = before === undefined ? value : joinedValues(header, before, value)
  Object.defineProperty(headers, key, { value: all, enumerable: true, configurable: true, writable: true })
}

/** Two values of a header, with its name in small letters, as HTTP joins them into one. */
export function joinedValues(header: string, before: string, value: string): string {
  return `${before}${header === 'cookie' ? '; ' : ', '}${value}`
}
