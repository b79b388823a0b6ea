import { Ajv, type ErrorObject } from 'ajv'
import { type ProblemList } from '../../core/errors.ts'
import { unknownName } from '../../core/names.ts'
import type { ForkwiseConfig } from './define.ts'
import { CONFIG_SCHEMA } from './schema.ts'

/** Holds a value against the schema of configurations; null, with every problem noted, when it does not fit. */
export function validateConfig(value: unknown, file: string, problems: ProblemList): ForkwiseConfig | null {
  const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true })
  const validate = ajv.compile<ForkwiseConfig>(CONFIG_SCHEMA)
  if (validate(value)) return value
  for (const error of validate.errors ?? []) noteError(error, file, problems)
  return null
}

function noteError(error: ErrorObject, file: string, problems: ProblemList): void {
  const where = error.instancePath === '' ? file : `\`${placeOf(error.instancePath)}\` of ${file}`
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object)
    const { hint } = unknownName('', String(error.params['additionalProperty']), known)
    problems.add(`Expected a setting that exists in ${where}, got "${error.params['additionalProperty']}".`, hint)
    return
  }
  const allowed = error.keyword === 'enum' ? `: ${(error.params['allowedValues'] as string[]).join(', ')}` : ''
  const words = (error.message ?? 'must fit').replace(/^must NOT /, 'not to ').replace(/^must /, 'to ')
  problems.add(`Expected ${where} ${words}${allowed}, got ${shown(error.data)}.`)
}

/** `/workloads/0/id` as one would write it: `workloads[0].id`. */
function placeOf(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('')
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)} …` : text
}
