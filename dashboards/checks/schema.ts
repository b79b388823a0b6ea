import { Ajv } from 'ajv'
import type { Check, Finding } from './check.ts'

/** Most problems reported of one dashboard: one wrong key makes many. */
const MOST = 5

/** Grafana's own JSON schema: unknown keys at the top and of panels, wrong types and widths. */
export const SCHEMA_CHECK: Check = {
  id: 'schema',
  title: 'valid by Grafana’s schema',
  async run(dashboards, { schema }) {
    if (schema === null) return { skipped: 'schema not found' }
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
    const validate = ajv.compile(loosened(schema))
    return [...dashboards].flatMap(([dashboard, json]): Finding[] => {
      if (validate(json)) return []
      return (validate.errors ?? []).slice(0, MOST).map(({ instancePath, message, params }) => ({
        dashboard,
        message: `${instancePath === '' ? 'It' : instancePath} ${message ?? 'is not valid'} ${JSON.stringify(params)}`,
      }))
    })
  },
}

/**
 * The schema with two mistakes put right: what a matcher matches and what an override sets may be anything, as in
 * Grafana's own code (`any` there), but the schema takes it for an object.
 */
function loosened(schema: object): object {
  const { definitions } = schema as { definitions?: Record<string, { properties?: Record<string, object> }> }
  if (definitions === undefined) return schema
  const anything = (definition: string, property: string): Record<string, object> => {
    const whole = definitions[definition]
    return whole === undefined
      ? {}
      : { [definition]: { ...whole, properties: { ...whole.properties, [property]: {} } } }
  }
  return {
    ...schema,
    definitions: {
      ...definitions,
      ...anything('MatcherConfig', 'options'),
      ...anything('DynamicConfigValue', 'value'),
    },
  }
}
