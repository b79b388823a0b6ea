import { BadRequest, type Parameter } from './handler.ts'

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,18})$/

/** A parameter that is a whole number within bounds: what all parameters of the built-in handlers are. */
export interface WholeNumberParameter extends Parameter {
  readonly min: string
  readonly max: string
}

/**
 * Reads a query string that may hold the given whole numbers and nothing else. Values come back as decimal digits, since
 * they may be beyond 2^53. Throws a {@link BadRequest} with every problem: unknown or repeated parameters, anything but
 * digits, values out of bounds.
 */
export function readWholeNumbers<Name extends string>(
  query: URLSearchParams,
  parameters: Readonly<Record<Name, WholeNumberParameter>>,
): Record<Name, string> {
  const specs: readonly WholeNumberParameter[] = Object.values(parameters)
  const problems: string[] = []
  for (const name of new Set(query.keys())) {
    if (!specs.some((spec) => spec.name === name)) {
      problems.push(
        `Unknown parameter \`${shown(name)}\`; expected ${specs.map((spec) => `\`${spec.name}\``).join(', ')}.`,
      )
    }
  }
  const values: Partial<Record<string, string>> = {}
  for (const spec of specs) {
    const given = query.getAll(spec.name)
    const text = given[0] ?? spec.fallback
    if (given.length > 1) problems.push(`Expected \`${spec.name}\` once, got it ${given.length} times.`)
    else if (!WHOLE_NUMBER.test(text) || !within(text, spec)) {
      problems.push(
        `Expected \`${spec.name}\` to be a whole number from ${spec.min} to ${spec.max}, got "${shown(text)}".`,
      )
    }
    values[spec.name] = text
  }
  if (problems.length > 0) throw new BadRequest(problems)
  return values as Record<Name, string>
}

/** Compares decimal digits without leading zeros: the longer one is larger. */
function within(digits: string, { min, max }: WholeNumberParameter): boolean {
  return !smaller(digits, min) && !smaller(max, digits)
}

function smaller(a: string, b: string): boolean {
  return a.length === b.length ? a < b : a.length < b.length
}

/** Input as it may be shown in a message: printable ASCII, at most 40 characters. */
function shown(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?').slice(0, 40)
}
