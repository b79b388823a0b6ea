import type { ProblemList } from '../../core/errors.ts'
import type { Load, WorkloadRequest } from '../../core/load.ts'
import { quoted } from '../../core/quotes.ts'
import { freshSeed } from '../../core/seed.ts'
import { routeOf } from '../../loadtest/workloads.ts'
import { readAgents } from '../load-agents.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import { LOAD } from '../options/sets/load.ts'
import { readSettings } from '../options/settings.ts'
import { resolveBody } from '../resolution/body.ts'
import { resolveHeaders } from '../resolution/headers.ts'
import type { PreparedLoad } from './load.ts'

/** More arrivals than this are not planned beforehand: their instants alone would take 160 MB. */
const MOST_ARRIVALS = 20_000_000

type LoadSettings = SettingsOf<typeof LOAD>

/** Reads what is asked of `load`; every problem is noted, and the result is of use only when there was none. */
export function readLoad(given: GivenOptions, problems: ProblemList): PreparedLoad {
  const settings = readSettings(LOAD, given, problems)
  const url = readUrl(settings.url, given, problems)
  return {
    url,
    request: readRequest(url, settings, given, problems),
    load: readLoop(settings, given, problems),
    agents: readAgents(settings, given, problems),
  }
}

function readUrl(text: string | undefined, given: GivenOptions, problems: ProblemList): URL {
  const name = given.name('url')
  const url = new URL(text !== undefined && URL.canParse(text) ? text : 'none:')
  if (text !== undefined && !['http:', 'https:'].includes(url.protocol)) {
    problems.add(
      `Expected \`${name}\` to be an http or https address, got ${quoted(text)}.`,
      'Write it like http://127.0.0.1:3000/path.',
    )
  }
  if (url.username !== '' || url.password !== '') {
    problems.add(
      `Expected \`${name}\` without a user name or password.`,
      `Use \`${given.example('headers', "'authorization: …'", "{ authorization: '…' }")}\`.`,
    )
  }
  return url
}

function readRequest(
  url: URL,
  { body, headers, expect, ...settings }: LoadSettings,
  given: GivenOptions,
  problems: ProblemList,
): WorkloadRequest {
  const { method = body === undefined ? 'GET' : 'POST' } = settings
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    problems.add(
      `Expected no \`${given.name('body')}\` with ${method}.`,
      `Leave out \`${given.name('method')}\`, or use POST, PUT or PATCH.`,
    )
  }
  const { kept, contentType } = resolveBody(body)
  const path = url.pathname + url.search
  return {
    route: routeOf(method, path),
    method,
    path,
    headers: {
      ...(contentType === null ? {} : { 'content-type': contentType }),
      ...resolveHeaders(Object.entries(headers ?? {}), given.name('headers'), problems),
    },
    ...kept,
    weight: 1,
    expectStatus: expect,
  }
}

/** Options that only an open loop has. */
const OPEN_ONLY = [
  'arrivals',
  'maxConnections',
  'minConnections',
  'requestsPerConnection',
  'retries',
  'retryBackoff',
  'retryBudget',
]

/** The closed or open loop that is asked for. */
function readLoop(settings: LoadSettings, given: GivenOptions, problems: ProblemList): Load {
  const { duration: durationS, warmup: warmupS = 0, timeout: timeoutS, seed = freshSeed(), rate: ratePerS } = settings
  const { connections, arrivals, maxConnections, minConnections, requestsPerConnection } = settings
  const { retries, retryBackoff = 0, retryBudget = null } = settings
  const common = { durationS, timeoutS, seed }
  if (ratePerS === undefined) {
    for (const key of OPEN_ONLY.filter((each) => given.has(each) && !given.has('rate'))) {
      problems.add(`Expected \`${given.name(key)}\` only with \`${given.name('rate')}\`.`)
    }
    const warmup = warmupS === 0 ? {} : { warmup: { minS: warmupS, maxS: warmupS, minCount: 0 } }
    return { ...common, kind: 'closed', connections, ...warmup }
  }
  const count = ratePerS * (durationS + warmupS)
  if (count > MOST_ARRIVALS) {
    problems.add(
      `Expected \`${given.name('rate')}\` times \`${given.name('duration')}\` to be at most ${MOST_ARRIVALS.toLocaleString('en-US')} requests, got ${Math.round(count).toLocaleString('en-US')}.`,
      'Load for a shorter time or at a lower rate.',
    )
  }
  if (minConnections !== undefined && minConnections > maxConnections) {
    problems.add(
      `Expected \`${given.name('minConnections')}\` to be at most \`${given.name('maxConnections')}\`, ${maxConnections}, got ${minConnections}.`,
    )
  }
  for (const key of ['retryBackoff', 'retryBudget'].filter((each) => given.has(each) && retries === 0)) {
    problems.add(`Expected \`${given.name(key)}\` only with \`${given.name('retries')}\`.`)
  }
  return {
    ...common,
    kind: 'open',
    ratePerS,
    arrivals,
    maxConnections,
    ...(warmupS === 0 ? {} : { warmupS }),
    ...(minConnections === undefined ? {} : { minConnections }),
    ...(requestsPerConnection === undefined ? {} : { requestsPerConnection }),
    ...(retries === 0 ? {} : { retries: { most: retries, backoffMs: retryBackoff * 1000, budget: retryBudget } }),
  }
}
