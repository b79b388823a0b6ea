import type { WorkloadRequest } from './load.ts'

/** Values by the name of their placeholder. */
export type PlaceholderValues = Readonly<Record<string, string>>

/** `{{id}}`: a letter or underscore, then letters, digits, underscores, dots and dashes. */
const PLACEHOLDER = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g

type Texts = Pick<WorkloadRequest, 'path' | 'headers' | 'body' | 'bodyEncoding'>

/** Names of the placeholders in the path, the values of headers and the text body of a request. */
export function placeholdersOf({ path, headers = {}, body, bodyEncoding }: Texts): ReadonlySet<string> {
  const texts = [path, ...Object.values(headers), bodyEncoding === undefined ? (body ?? '') : '']
  return new Set(texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)))
}

/**
 * A request with values in the place of its placeholders; those without a value stay. A value is encoded for where it
 * stands: for an address in a path and a form, as the inside of a string in a JSON body, and nowhere else.
 */
export function withValues<R extends Texts>(request: R, values: PlaceholderValues): R {
  const { path, headers, body, bodyEncoding } = request
  const type = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const isText = body !== undefined && bodyEncoding === undefined
  return {
    ...request,
    path: filled(path, values, encodeURIComponent),
    ...(headers === undefined ? {} : { headers: mapValues(headers, (text) => filled(text, values, asIs)) }),
    ...(isText ? { body: filled(body, values, encoderFor(type)) } : {}),
  }
}

function filled(text: string, values: PlaceholderValues, encode: (value: string) => string): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : encode(value)
  })
}

function encoderFor(type: string): (value: string) => string {
  if (/[/+]json\b/i.test(type)) return (value) => JSON.stringify(value).slice(1, -1)
  return /x-www-form-urlencoded/i.test(type) ? encodeURIComponent : asIs
}

function asIs(value: string): string {
  return value
}

function mapValues(record: Readonly<Record<string, string>>, map: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, text]) => [name, map(text)]))
}
