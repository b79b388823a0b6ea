/** Longest part of a value that a message repeats. */
const MOST_CHARACTERS = 80

/** A value for messages: text in quotes, everything else as JSON; what is longer than 80 characters is cut, with its length. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return cut(value, (part) => `"${part}"`)
  const json = typeof value === 'bigint' ? String(value) : jsonOf(value)
  return cut(json, (part) => part)
}

/** The first 80 characters of a text, with its length where it is longer: for names and paths that stand without quotes. */
export function shortened(text: string): string {
  return cut(text, (part) => part)
}

function cut(text: string, wrap: (part: string) => string): string {
  const characters = text.length <= MOST_CHARACTERS ? null : Array.from(text)
  if (characters === null || characters.length <= MOST_CHARACTERS) return wrap(text)
  const part = wrap(`${characters.slice(0, MOST_CHARACTERS).join('')}…`)
  return `${part} (${characters.length.toLocaleString('en-US')} characters)`
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
