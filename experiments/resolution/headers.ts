import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { ProblemList } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'

/** Headers that belong to the connection, which is the client's to look after. */
const NOT_OURS = ['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'te']

/** Headers with their names in small letters; those that cannot be sent are noted under `name`. */
export function resolveHeaders(
  headers: Readonly<Record<string, string>>,
  name: string,
  problems: ProblemList,
): Readonly<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const [word, value] of Object.entries(headers)) {
    const header = word.toLowerCase()
    try {
      validateHeaderName(header)
      validateHeaderValue(header, value)
      if (NOT_OURS.includes(header)) problems.add(`Expected \`${name}\` to leave \`${header}\` to the generator.`)
      resolved[header] = value
    } catch {
      problems.add(
        `Expected \`${name}\` to be a name and a value that HTTP allows, got ${quoted(`${word}: ${value}`)}.`,
      )
    }
  }
  return resolved
}
