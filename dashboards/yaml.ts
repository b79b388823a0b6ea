/** What {@link toYaml} can write: JSON's values, but that `undefined` members are left out. */
export type YamlValue =
  | string
  | number
  | boolean
  | null
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined }

/**
 * Writes a value as YAML in block style, always the same text for the same value. Every string is quoted, so that no
 * text can be mistaken for something else.
 */
export function toYaml(value: YamlValue): string {
  return `${blockLines(value).join('\n')}\n`
}

function blockLines(value: YamlValue): string[] {
  if (isList(value)) return value.length === 0 ? ['[]'] : value.flatMap((item) => prefixed('- ', blockLines(item)))
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter((member): member is [string, YamlValue] => member[1] !== undefined)
    return members.length === 0 ? ['{}'] : members.flatMap(([key, member]) => memberLines(key, member))
  }
  return [typeof value === 'string' ? quoted(value) : JSON.stringify(value)]
}

/** Single quotes, in which only they themselves are special; what they cannot hold is quoted as JSON does it. */
function quoted(text: string): string {
  return /[\n\r\t]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`
}

function memberLines(key: string, value: YamlValue): string[] {
  const name = /^[a-zA-Z_]\w*$/.test(key) ? key : JSON.stringify(key)
  const lines = blockLines(value)
  const scalar = typeof value !== 'object' || value === null || ['[]', '{}'].includes(lines[0] ?? '')
  return scalar ? [`${name}: ${lines[0]}`] : [`${name}:`, ...lines.map((line) => `  ${line}`)]
}

function prefixed(prefix: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => (i === 0 ? prefix : ' '.repeat(prefix.length)) + line)
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value)
}
