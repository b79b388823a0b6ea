import type { ProblemList } from '../../core/errors.ts'
import type { JsonSchema } from '../../core/expectation.ts'
import { mismatchesOf } from '../../core/json-schema.ts'
import { unknownName } from '../../core/names.ts'

/**
 * Holds a value against a schema; false, with every problem noted, when it does not fit. `nameOf` says how the value, or
 * the part of it at a place like `[0].id`, is to be named.
 */
export function fits(
  value: unknown,
  schema: JsonSchema,
  nameOf: (part?: string) => string,
  problems: ProblemList,
): boolean {
  const mismatches = mismatchesOf(value, schema)
  for (const { place, wanted, got, unknown } of mismatches) {
    const name = nameOf(place)
    if (unknown === undefined) problems.add(`Expected \`${name}\` ${wanted}, got ${got}.`)
    else {
      const { hint } = unknownName('', unknown.word, unknown.known)
      problems.add(`Expected a member that exists in \`${name}\`, got ${got}.`, hint)
    }
  }
  return mismatches.length === 0
}
