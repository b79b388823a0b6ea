/** Most characters of one value in a file, once it is escaped: two of them and what stands around them are below 4,000. */
const MOST_ESCAPED = 1900

/** The longest that an escape makes of one character: `&quot;`, or a \u2028 in JSON. */
const LONGEST_ESCAPE = 6

/** Longest line of a note. */
const MOST_LINE = 3900

const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/**
 * A value from outside in one line: control characters, those that change the direction of writing, and other invisible
 * ones become spaces. They could steer a terminal, break a table, or show something other than what is there.
 */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** A plain value as a file's own rules want it; what gets too long is cut, with its length. */
export function escapedValue(text: string, escape: (plain: string) => string): string {
  const plain = plainText(text)
  const escaped = escape(plain)
  if (escaped.length <= MOST_ESCAPED) return escaped
  const characters = Array.from(plain)
  const part = characters.slice(0, Math.floor(MOST_ESCAPED / LONGEST_ESCAPE)).join('')
  return escape(`${part}… (${characters.length.toLocaleString('en-US')} characters)`)
}

/**
 * What may be written to a terminal, or stand in a page as JSON: line ends stay, tabs become spaces, and every other character that steers is shown as
 * \u001b, which in JSON stands for the same text. `looks` are the sequences that may pass.
 */
export function terminalText(text: string, looks: readonly string[] = []): string {
  if (!STEERING.test(text)) return text
  const kept = new Set(looks)
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001B\[\d{1,2}m|\r\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => {
    if (found === '\n' || found === '\r\n' || kept.has(found)) return found
    if (found === '\t') return '  '
    return Array.from(found, (each) => (STEERING.test(each) ? shown(each) : each)).join('')
  })
}

/** The lines of a note, none above 3,900 characters. */
export function shortLines(text: string): string {
  if (text.length <= MOST_LINE) return text
  return text
    .split('\n')
    .map((line) => (line.length <= MOST_LINE ? line : `${line.slice(0, MOST_LINE)}… (${line.length} characters)`))
    .join('\n')
}

function shown(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** Text for element content and quoted attributes. Control and direction characters become spaces. */
export function escapeHtml(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
