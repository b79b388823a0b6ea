import { createRequire } from 'node:module'
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv'
import { either, expectationOf, type JsonSchema } from './expectation.ts'
import { quoted } from './quotes.ts'

/** One place at which a value is not what its schema asks for. */
export interface Mismatch {
  /** Where, from the value on: `.models[1].title`; empty for the value itself. */
  readonly place: string
  /** What was expected there: `to be a list`, "to have `title`". */
  readonly wanted: string
  /** What is there, as messages show it. */
  readonly got: string
  /** The member that the schema does not know, with those that it does. */
  readonly unknown?: { readonly word: string; readonly known: readonly string[] }
}

const compiled = new WeakMap<JsonSchema, ValidateFunction>()
let ajv: Ajv | null = null

/** Everything in a value that is not what a schema asks for; empty when it fits. Schemas are compiled when first asked. */
export function mismatchesOf(value: unknown, schema: JsonSchema): readonly Mismatch[] {
  let validate = compiled.get(schema)
  if (validate === undefined) {
    validate = compilerOf().compile(schema)
    compiled.set(schema, validate)
  }
  if (validate(value)) return []
  const mismatches = decisiveErrors(validate.errors ?? []).map(mismatchOf)
  const seen = new Set<string>()
  return mismatches.filter(({ place, wanted }) => {
    const key = `${place} ${wanted}`
    return seen.size < seen.add(key).size
  })
}

/** Ajv takes tens of milliseconds to load: only what checks something pays for it. */
function compilerOf(): Ajv {
  if (ajv !== null) return ajv
  const { Ajv: Compiler } = createRequire(import.meta.url)('ajv') as { readonly Ajv: typeof Ajv }
  ajv = new Compiler({ allErrors: true, verbose: true, strict: false, discriminator: true })
  return ajv
}

/**
 * Of a choice between schemas, the errors of the only one whose type fits, or else the error of the choice itself. Without
 * this, every alternative that was not meant complains too.
 */
function decisiveErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const left = new Set(errors)
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const inside = errors.filter(({ schemaPath }) => schemaPath.startsWith(`${choice.schemaPath}/`))
    const branchOf = ({ schemaPath }: ErrorObject): string =>
      schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? ''
    const foreign = inside.filter((error) => isOfAnotherKind(error, choice)).map(branchOf)
    const meant = [...new Set(inside.map(branchOf))].filter((branch) => !foreign.includes(branch))
    for (const error of inside) if (meant.length !== 1 || branchOf(error) !== meant[0]) left.delete(error)
    if (meant.length === 1) left.delete(choice)
  }
  return [...left]
}

/** True when an error says that the value is of another kind than this alternative takes. */
function isOfAnotherKind(error: ErrorObject, choice: ErrorObject): boolean {
  return error.instancePath === choice.instancePath && ['type', 'const', 'enum'].includes(error.keyword)
}

function mismatchOf(error: ErrorObject): Mismatch {
  const schema = (error.parentSchema ?? {}) as JsonSchema
  const place = placeOf(error.instancePath)
  switch (error.keyword) {
    case 'additionalProperties': {
      const word = String(error.params['additionalProperty'])
      const known = Object.keys(schema['properties'] ?? {})
      return { place, wanted: 'to have only members that exist', got: quoted(word), unknown: { word, known } }
    }
    case 'required':
      return { place, wanted: `to have \`${error.params['missingProperty']}\``, got: 'none' }
    case 'discriminator': {
      const tag = String(error.params['tag'])
      const wanted = `to be ${either((schema['oneOf'] as JsonSchema[]).map((each) => tagIn(each, tag)))}`
      return { place: `${place}.${tag}`, wanted, got: shown(error.params['tagValue']) }
    }
    default:
      return { place, wanted: `to be ${expectationOf(schema)}`, got: shown(error.data) }
  }
}

function tagIn(schema: JsonSchema, tag: string): string {
  return expectationOf((schema['properties'] as Record<string, JsonSchema>)[tag] ?? {})
}

function shown(value: unknown): string {
  try {
    return value === undefined ? 'none' : quoted(value)
  } catch {
    return 'a value nested too deeply'
  }
}

/** `/0/paths/1` as one would write it: `[0].paths[1]`. */
function placeOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
}
