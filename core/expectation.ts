/** A JSON schema, as a literal. */
export type JsonSchema = Readonly<Record<string, unknown>>

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  null: 'null',
  object: 'an object',
  array: 'a list',
}

/** What a schema asks for, in words: `a whole number from 1 to 128`. The `title` of a schema goes first. */
export function expectationOf(schema: JsonSchema): string {
  const { title, const: constant, enum: allowed, anyOf, type } = schema
  if (typeof title === 'string') return title
  if (constant !== undefined) return wordOf(constant)
  if (Array.isArray(allowed)) return either(allowed.map(wordOf))
  if (Array.isArray(anyOf)) return either((anyOf as JsonSchema[]).map(expectationOf))
  if (Array.isArray(type)) return either(type.map((each) => expectationOf({ ...schema, type: String(each) })))
  switch (type) {
    case 'integer':
      return `a whole number${boundsOf(schema)}`
    case 'number':
      return `a number${boundsOf(schema)}`
    case 'array':
      return schema['minItems'] === undefined ? 'a list' : 'a list of at least one'
    case 'string':
      return schema['minLength'] === undefined ? 'text' : 'text that is not empty'
    default:
      return TYPES[String(type)] ?? 'something else'
  }
}

/** `a`, `a or b`, `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (typeof minimum === 'number' && typeof maximum === 'number') return ` from ${minimum} to ${maximum}`
  if (typeof exclusiveMinimum === 'number') return ` above ${exclusiveMinimum}`
  return typeof minimum === 'number' ? ` of at least ${minimum}` : ''
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
