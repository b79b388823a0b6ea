/** One place in which two bodies differ, and what stands there in either. */
export interface BodyDifference {
  /** A JSON path (`$.items[0].id`), `line 3`, or `body`. */
  readonly place: string
  readonly wanted: string
  readonly got: string
  /** Path of the object that has this key in one of the bodies alone. */
  readonly optionalIn?: string
}

/** Longer values are cut when they are shown, in characters. */
const SHOWN = 60

/** What makes up a word here: the differing part of a line is widened to whole ones, so that no digit of a time is kept. */
const WORD = /[\w.:+\-/=%]/

/**
 * Finds every place in which two bodies differ: JSON value by value, text line by line, anything else as a whole. `byText`
 * says whether JSON that has the same value in another notation (order of keys, spaces) differs.
 */
export function bodyDifferences(wanted: Buffer, got: Buffer, byText: boolean): BodyDifference[] {
  if (wanted.equals(got)) return []
  const [a, b] = [parsed(wanted), parsed(got)]
  if (a !== undefined && b !== undefined) {
    const found = jsonDifferences(a.value, b.value, '$')
    if (found.length > 0 || !byText) return found
    return [{ place: 'notation', wanted: cut(wanted.toString()), got: cut(got.toString()) }]
  }
  const [text, other] = [asText(wanted), asText(got)]
  if (text === null || other === null) {
    return [{ place: 'body', wanted: `${wanted.length} bytes`, got: `${got.length} other bytes` }]
  }
  return textDifferences(text, other)
}

/** A stretch of text that differs: what stays is in front of it and behind it. */
interface Region {
  readonly from: number
  /** Counted from the end. */
  readonly to: number
}

/** The smallest stretch of whole words outside of which two lines are the same. */
export function differingRegion(a: string, b: string): Region {
  const shorter = Math.min(a.length, b.length)
  let from = 0
  while (from < shorter && a[from] === b[from]) from++
  let to = 0
  while (to < shorter - from && a.at(-1 - to) === b.at(-1 - to)) to++
  while (from > 0 && WORD.test(a[from - 1] ?? '')) from--
  while (to > 0 && WORD.test(a.at(-to) ?? '')) to--
  return { from, to }
}

function jsonDifferences(wanted: unknown, got: unknown, path: string): BodyDifference[] {
  if (Object.is(wanted, got)) return []
  if (Array.isArray(wanted) && Array.isArray(got)) {
    if (wanted.length !== got.length) {
      return [{ place: path, wanted: `${wanted.length} elements`, got: `${got.length} elements` }]
    }
    return wanted.flatMap((value, index) => jsonDifferences(value, got[index], `${path}[${index}]`))
  }
  if (isObject(wanted) && isObject(got)) {
    const keys = new Set([...Object.keys(wanted), ...Object.keys(got)])
    return [...keys].flatMap((key): BodyDifference[] => {
      const place = `${path}${step(key)}`
      const [a, b] = [wanted[key], got[key]]
      if (a !== undefined && b !== undefined) return jsonDifferences(a, b, place)
      return [{ place, wanted: shownJson(a), got: shownJson(b), optionalIn: path }]
    })
  }
  return [{ place: path, wanted: shownJson(wanted), got: shownJson(got) }]
}

function step(key: string): string {
  return /^[\w$-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textDifferences(wanted: string, got: string): BodyDifference[] {
  const [a, b] = [wanted.split('\n'), got.split('\n')]
  if (a.length !== b.length) {
    const { from, to } = differingRegion(wanted, got)
    return [{ place: 'text', wanted: cut(within(wanted, from, to)), got: cut(within(got, from, to)) }]
  }
  return a.flatMap((line, index) => {
    const other = b[index] ?? ''
    if (line === other) return []
    const { from, to } = differingRegion(line, other)
    return [{ place: `line ${index + 1}`, wanted: cut(within(line, from, to)), got: cut(within(other, from, to)) }]
  })
}

function within(text: string, from: number, to: number): string {
  return text.slice(from, text.length - to)
}

/** JSON that is an object or an array; texts and numbers alone are compared as text. */
function parsed(body: Buffer): { readonly value: object } | undefined {
  try {
    const value = JSON.parse(body.toString()) as unknown
    return typeof value === 'object' && value !== null ? { value } : undefined
  } catch {
    return undefined
  }
}

/** Null for bytes that are no UTF-8. */
function asText(body: Buffer): string | null {
  const text = body.toString()
  return Buffer.from(text).equals(body) ? text : null
}

function shownJson(value: unknown): string {
  return value === undefined ? 'nothing' : cut(JSON.stringify(value))
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text === '' ? '(nothing)' : text
}
