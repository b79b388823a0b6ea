import { escapeHtml, terminalText } from '../../core/plain-text.ts'

/** HTML or SVG that is safe to insert as it is. Made by {@link markup} alone, so that every value in it was escaped. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a template may hold: text is escaped, numbers are coordinates (one decimal), lists are joined, null is nothing. */
export type Part = Markup | string | number | null | undefined | readonly Part[]

/** A piece of HTML or SVG from a template; every value that is not {@link Markup} itself is escaped. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0] ?? ''
  for (const [index, part] of parts.entries()) text += partText(part) + (strings[index + 1] ?? '')
  return new Markup(text)
}

/** A sentence of ours, in which pairs of backticks mark code; the given names stand out and are never broken. */
export function prose(text: string, names: readonly string[] = []): Markup {
  const parts = text.split(/`([^`]+)`/)
  return markup`${parts.map((part, index) => (index % 2 === 1 ? markup`<code>${part}</code>` : withNames(part, names)))}`
}

/** A text as the beginning of a sentence: with a capital, unless it begins with one of the given names, which stay as they are. */
export function sentenceOf(text: string, names: readonly string[]): string {
  const isName = names.some((name) => text.startsWith(name) && !/^[\w-]/.test(text.slice(name.length)))
  return isName ? text : text.charAt(0).toUpperCase() + text.slice(1)
}

/** A text in which no number is parted from its unit or its currency. */
export function keptTogether(text: string): string {
  return text.replaceAll(/(\d) (?=(?:%|ms|s|min|µs|[KMG]iB|[A-Z]{3})(?![\w-]))/g, '$1\u00a0')
}

function withNames(sentence: string, names: readonly string[]): Part {
  const text = keptTogether(sentence)
  if (names.length === 0) return text
  const longestFirst = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
  const parts = text.split(new RegExp(`(?<![\\w-])(${longestFirst.join('|')})(?![\\w-])`))
  return parts.map((part, index) => (index % 2 === 1 ? markup`<b>${part}</b>` : part))
}

/** JSON for a data block: no `<` that could end its script element. */
export function jsonBlock(value: unknown): Markup {
  return new Markup(terminalText(JSON.stringify(value)).replaceAll('<', String.raw`\u003c`))
}

/** Our own text (style, script) that must not be escaped; never a value from a file. */
export function verbatim(text: string): Markup {
  return new Markup(text)
}

function partText(part: Part): string {
  if (part === null || part === undefined) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'number') return coordinate(part)
  if (typeof part === 'string') return escapeHtml(part)
  return part.map(partText).join('')
}

/** A coordinate with one decimal at most; a figure for people is never a number here but a text from figures.ts. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`Expected a coordinate to be finite, got ${value}.`)
  const rounded = Math.round(value * 10) / 10
  return String(Object.is(rounded, -0) ? 0 : rounded)
}
