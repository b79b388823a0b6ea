import { basename } from 'node:path'
import { messageOf, type ProblemList } from '../../core/errors.ts'
import { countText } from '../../analysis/wording.ts'
import type { JsonSchema } from '../../core/expectation.ts'
import { fits } from '../options/form.ts'
import { SUBJECT } from '../options/sets/subject.ts'
import { isOurs, joinedValues } from './headers.ts'
import type { OwnRequest } from './requests.ts'
import { readText } from './text-file.ts'

/** Requests that were read from a file. */
export interface RequestsFile {
  readonly requests: readonly (string | OwnRequest)[]
  /** What they are, for reports: `shop.har: 12 requests of http://localhost:3000, 5 to other servers left out`. */
  readonly title: string
}

/** The parts of a HAR that are read ([HAR 1.2](http://www.softwareishard.com/blog/har-12-spec/)). */
interface Har {
  readonly log: { readonly entries: readonly HarEntry[] }
}

interface HarEntry {
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers?: readonly { readonly name: string; readonly value: string }[]
    readonly postData?: { readonly text?: string; readonly mimeType?: string; readonly encoding?: string }
  }
  readonly response?: { readonly status?: number }
}

/** Headers of one visit, which would turn answers into others: 304 instead of 200. */
const OF_ONE_VISIT = ['host', 'if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range']

const METHODS = SUBJECT.method.schema.enum

/**
 * Reads requests from a file: JSON with a list of paths and requests as a configuration has them, or a HAR saved by a
 * browser. Of a HAR, requests of the server that its first request went to count, those that are equal as one with a weight.
 * Null, with every problem noted under `name`, where it cannot be read.
 */
export function readRequestsFile(path: string, name: string, problems: ProblemList): RequestsFile | null {
  const file = basename(path)
  const text = readText(path, name, problems)
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    problems.add(
      `Expected \`${name}\` to be JSON, got ${file}: ${messageOf(thrown)}`,
      'A list of requests like [{"path": "/orders", "weight": 9}], or a HAR saved by a browser.',
    )
    return null
  }
  const nameOf = (part = ''): string => `${name} ${file}${part}`
  if (typeof value === 'object' && value !== null && 'log' in value) {
    return fits(value, HAR, nameOf, problems) ? ofHar(value as unknown as Har, file, name, problems) : null
  }
  if (!fits(value, SUBJECT.paths.schema, nameOf, problems)) return null
  const requests = value as readonly (string | OwnRequest)[]
  return { requests, title: `${file}: ${countText(requests.length, 'request')}` }
}

/** What is read of a HAR; browsers add members of their own. */
const HAR: JsonSchema = {
  type: 'object',
  properties: {
    log: {
      type: 'object',
      properties: {
        entries: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              request: {
                type: 'object',
                properties: {
                  method: { type: 'string' },
                  url: { type: 'string' },
                  headers: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: { name: { type: 'string' }, value: { type: 'string' } },
                      required: ['name', 'value'],
                    },
                  },
                  postData: {
                    type: 'object',
                    properties: { text: { type: 'string' }, encoding: { type: 'string' } },
                  },
                },
                required: ['method', 'url'],
              },
              response: { type: 'object', properties: { status: { type: 'integer' } } },
            },
            required: ['request'],
          },
        },
      },
      required: ['entries'],
    },
  },
  required: ['log'],
}

function ofHar({ log }: Har, file: string, name: string, problems: ProblemList): RequestsFile | null {
  const sent = log.entries.filter(({ request }) => METHODS.some((method) => method === request.method))
  const urls = sent.map(({ request }) => (URL.canParse(request.url) ? new URL(request.url) : null))
  const origin = urls.find((url) => url !== null)?.origin
  if (origin === undefined) {
    problems.add(
      `Expected \`${name}\` to hold requests of a server, got ${file} with none that can be sent again.`,
      'Save it in the network panel of the browser after the page was loaded.',
    )
    return null
  }
  const requests = new Map<string, OwnRequest & { weight: number }>()
  let others = 0
  for (const [index, entry] of sent.entries()) {
    const url = urls[index]
    if (url?.origin !== origin) {
      others += 1
      continue
    }
    const request = requestOf(entry, url)
    const key = JSON.stringify(request)
    requests.set(key, { ...request, weight: (requests.get(key)?.weight ?? 0) + 1 })
  }
  const counted = sent.length - others
  const left = others === 0 ? '' : `, ${others} to other servers left out`
  return { requests: [...requests.values()], title: `${file}: ${countText(counted, 'request')} of ${origin}${left}` }
}

function requestOf({ request, response }: HarEntry, { pathname, search }: URL): OwnRequest {
  const { method, headers = [], postData } = request
  const kept = headers.filter(({ name }) => isOurs(name) && !OF_ONE_VISIT.includes(name.toLowerCase()))
  const status = response?.status ?? 0
  return {
    path: `${pathname}${search}`,
    method: method as NonNullable<OwnRequest['method']>,
    ...(kept.length === 0 ? {} : { headers: headersOf(kept) }),
    ...(postData?.text === undefined
      ? {}
      : { body: postData.encoding === 'base64' ? Buffer.from(postData.text, 'base64') : postData.text }),
    expectStatus: status === 304 || status < 200 ? 200 : status,
  }
}

function headersOf(headers: readonly { readonly name: string; readonly value: string }[]): Record<string, string> {
  const joined = new Map<string, string>()
  for (const { name, value } of headers) {
    const header = name.toLowerCase()
    const before = joined.get(header)
    joined.set(header, before === undefined ? value : joinedValues(header, before, value))
  }
  return Object.fromEntries(joined)
}
