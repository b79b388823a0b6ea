import { freshSeed } from '../core/seed.ts'
import { readFileSync } from 'node:fs'
import { messageOf, type ProblemList } from '../core/errors.ts'
import type { Load, WorkloadRequest } from '../core/load.ts'
import { formatDuration, parseCount, parseDurationS, parseRatePerS } from '../core/quantities.ts'
import { quoted } from '../core/quotes.ts'
import { type OptionReader } from './options.ts'
import { resolveHeaders } from '../experiments/resolution/headers.ts'

const METHODS: readonly WorkloadRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']
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
    ...body,
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

/** A body as it is kept: bytes that are no text as base64. */
function readBody(
  text: string | undefined,
  problems: ProblemList,
): Pick<WorkloadRequest, 'body' | 'bodyEncoding'> | undefined {
  if (text === undefined) return undefined
  if (!text.startsWith('@')) return { body: text }
  try {
    const bytes = readFileSync(text.slice(1))
    const read = bytes.toString()
    return Buffer.from(read).equals(bytes) ? { body: read } : { body: bytes.toString('base64'), bodyEncoding: 'base64' }
  } catch (error) {
    problems.add(`Expected \`--body\` to name a file that can be read, got ${quoted(text)}: ${messageOf(error)}.`)
    return undefined
  }
}

function readHeaders(texts: readonly string[], problems: ProblemList): Readonly<Record<string, string>> {
  const given = texts.flatMap((text): (readonly [string, string])[] => {
    const colon = text.indexOf(':')
    if (colon > 0) return [[text.slice(0, colon), text.slice(colon + 1).trim()]]
    problems.add(`Expected \`--header\` to be "name: value", got ${quoted(text)}.`)
    return []
  })
  return resolveHeaders(given, '--header', problems)
}
