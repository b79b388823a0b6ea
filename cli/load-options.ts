import { freshSeed } from '../core/seed.ts'
import { readFileSync } from 'node:fs'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { messageOf, type ProblemList } from '../core/errors.ts'
import type { Load, WorkloadRequest } from '../core/load.ts'
import { formatDuration, parseCount, parseDurationS, parseRatePerS } from '../core/quantities.ts'
import { quoted } from '../core/quotes.ts'
import { type OptionReader } from './options.ts'

const METHODS: readonly WorkloadRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']
/** Headers that belong to the connection, which is the client's to look after. */
const NOT_OURS = ['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'te']
const MOST_CONNECTIONS = 10_000
/** More arrivals than this are not planned beforehand: their instants alone would take 160 MB. */
const MOST_ARRIVALS = 20_000_000
const LONGEST_S = 24 * 3600
const LONGEST_TIMEOUT_S = 600

/** The address to load; a problem is noted when it is none. */
export function readUrl(text: string, problems: ProblemList): URL {
  const hint = 'Write it like http://127.0.0.1:3000/path.'
  const url = new URL(URL.canParse(text) ? text : 'none:')
  if (!['http:', 'https:'].includes(url.protocol)) {
    problems.add(`Expected \`URL\` to be an http or https address, got ${quoted(text)}.`, hint)
  }
  if (url.username !== '' || url.password !== '') {
    problems.add('Expected `URL` without a user name or password.', "Use --header 'authorization: …'.")
  }
  return url
}

/** The request that method, header, body and expected status ask for. */
export function readRequest(url: URL, options: OptionReader, problems: ProblemList): WorkloadRequest {
  const body = readBody(options.text('body'), problems)
  const word = options.text('method') ?? (body === undefined ? 'GET' : 'POST')
  const method = METHODS.find((known) => known === word.toUpperCase())
  if (method === undefined)
    problems.add(`Expected \`--method\` to be one of ${METHODS.join(', ')}, got ${quoted(word)}.`)
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    problems.add(`Expected no \`--body\` with ${method}.`, 'Leave out `--method`, or use POST, PUT or PATCH.')
  }
  return {
    route: url.pathname,
    method: method ?? 'GET',
    path: url.pathname + url.search,
    headers: readHeaders(options.texts('header'), problems),
    ...(body === undefined ? {} : { body }),
    weight: 1,
    expectStatus: options.read('expect', (text, option) => parseCount(text, option, 200, 599), 200),
  }
}

/** The closed or open loop that the options ask for. */
export function readLoad(options: OptionReader, problems: ProblemList): Load {
  options.atMostOne(['connections', 'rate'])
  const duration = (name: string, fallbackS: number, longestS: number): number => {
    const seconds = options.read(name, parseDurationS, fallbackS)
    if (seconds > longestS) {
      problems.add(`Expected \`--${name}\` to be at most ${formatDuration(longestS)}, got ${formatDuration(seconds)}.`)
    }
    return seconds
  }
  const durationS = duration('duration', 10, LONGEST_S)
  const warmupS = duration('warmup', 0, LONGEST_S)
  const timeoutS = duration('timeout', 5, LONGEST_TIMEOUT_S)
  const seed = options.read('seed', (text, option) => parseCount(text, option, 0, 0xffffffff), freshSeed())
  const common = { durationS, timeoutS, seed }
  const count = (text: string, option: string): number => parseCount(text, option, 1, MOST_CONNECTIONS)
  if (options.text('rate') === undefined) {
    for (const name of ['arrivals', 'max-connections']) {
      if (options.text(name) !== undefined) problems.add(`Expected \`--${name}\` only with \`--rate\`.`)
    }
    const warmup = warmupS === 0 ? {} : { warmup: { minS: warmupS, maxS: warmupS, minCount: 0 } }
    return { ...common, kind: 'closed', connections: options.read('connections', count, 10), ...warmup }
  }
  const arrivals = options.text('arrivals') ?? 'poisson'
  if (arrivals !== 'poisson' && arrivals !== 'constant') {
    problems.add(`Expected \`--arrivals\` to be poisson or constant, got ${quoted(arrivals)}.`)
  }
  const ratePerS = options.read('rate', parseRatePerS, 1)
  if (ratePerS * (durationS + warmupS) > MOST_ARRIVALS) {
    problems.add(
      `Expected \`--rate\` times \`--duration\` to be at most ${MOST_ARRIVALS.toLocaleString('en-US')} requests, got ${Math.round(ratePerS * (durationS + warmupS)).toLocaleString('en-US')}.`,
      'Load for a shorter time or at a lower rate.',
    )
  }
  return {
    ...common,
    kind: 'open',
    ratePerS,
    arrivals: arrivals === 'constant' ? 'constant' : 'poisson',
    maxConnections: options.read('max-connections', count, 1000),
    ...(warmupS === 0 ? {} : { warmupS }),
  }
}

function readBody(text: string | undefined, problems: ProblemList): string | undefined {
  if (text?.startsWith('@') !== true) return text
  try {
    return readFileSync(text.slice(1), 'utf8')
  } catch (error) {
    problems.add(`Expected \`--body\` to name a file that can be read, got ${quoted(text)}: ${messageOf(error)}.`)
    return undefined
  }
}

function readHeaders(texts: readonly string[], problems: ProblemList): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const text of texts) {
    const colon = text.indexOf(':')
    const name = text.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = text.slice(colon + 1).trim()
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
      if (NOT_OURS.includes(name)) problems.add(`Expected \`--header\` to leave \`${name}\` to the generator.`)
      headers[name] = value
    } catch {
      problems.add(`Expected \`--header\` to be "name: value", got ${quoted(text)}.`)
    }
  }
  return headers
}
