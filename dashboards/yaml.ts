import { stringify } from 'yaml'

/**
 * Writes a value as YAML in block style, always the same text for the same value. Every string is quoted, so that no
 * text can be mistaken for something else; `undefined` members are left out.
 */
export function toYaml(value: object): string {
  return stringify(value, {
    defaultStringType: 'QUOTE_SINGLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  })
}
