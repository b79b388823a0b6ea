import { type ProblemList } from '../../core/errors.ts'
import type { Workload, WorkloadRequest } from '../../core/load.ts'
import { placeholdersOf } from '../../core/placeholders.ts'
import { routeOf, workloadOfPaths } from '../../loadtest/workloads.ts'
import type { SettingsOf } from '../options/option.ts'
import type { SUBJECT, WORKLOADS } from '../options/sets/subject.ts'
import { resolveBody } from './body.ts'
import { addProblems } from './problems.ts'
import { type RowTable, spreadRows } from './rows.ts'
import { resolveHeaders } from './headers.ts'

/** A path with the rest of its request. */
export type OwnRequest = Exclude<NonNullable<SettingsOf<typeof SUBJECT>['paths']>[number], string>

/** A workload of the user's own. */
export type OwnWorkload = Exclude<NonNullable<SettingsOf<typeof WORKLOADS>['workloads']>[number], string>

/** What holds for requests that say nothing else. */
export interface RequestDefaults {
  readonly method?: WorkloadRequest['method'] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: unknown
  readonly expect: number
  /** Values for the placeholders, one row after another, and how they are named in messages. */
  readonly rows?: (RowTable & { readonly name: string }) | undefined
  /** A module that prepares each launch and gives more of them. */
  readonly setup?: string | undefined
}

/** A path that names its method: `1:POST /orders`. */
const WITH_METHOD = /^\s*(?:\d+(?:\.\d+)?:)?[A-Z]+ /

/**
 * A mix of requests for paths of the user's own; null, with every problem noted, where one cannot be read. `nameOf` names
 * the list of paths or, with a place like `[1].headers`, a part of it.
 */
export function mixOfPaths(
  paths: readonly (string | OwnRequest)[],
  defaults: RequestDefaults,
  nameOf: (part?: string) => string,
  problems: ProblemList,
  connectionsPerWorker?: number,
): Workload | null {
  const before = problems.length
  const texts = paths.map((path) => (typeof path === 'string' ? path : path.path))
  const plain = addProblems(problems, () => workloadOfPaths(texts, connectionsPerWorker, nameOf()))
  if (plain === null) return null
  const requests = plain.requests.map((request, index) => {
    const written = paths[index] as string | OwnRequest
    const full = typeof written === 'object' ? written : pathAlone(written, request)
    return completed(request, full, defaults, nameOf(`[${index}].headers`), problems)
  })
  const { rows, setup } = defaults
  const others = setup !== undefined
  if (rows === undefined && !others) noteUnfilled(requests, nameOf, problems)
  const spread = rows === undefined ? requests : spreadRows(requests, rows, { name: rows.name, others }, problems)
  return problems.length > before ? null : { ...plain, requests: spread, ...(setup === undefined ? {} : { setup }) }
}

/** Notes placeholders of paths and headers for which nothing gives values: they would be sent as they are. Bodies may mean them so. */
function noteUnfilled(
  requests: readonly WorkloadRequest[],
  nameOf: (part?: string) => string,
  problems: ProblemList,
): void {
  for (const { path, headers } of requests) {
    const [name] = placeholdersOf({ path, ...(headers === undefined ? {} : { headers }) })
    if (name === undefined) continue
    problems.add(
      `Expected values for {{${name}}} in \`${nameOf()}\` (${path}), got none.`,
      'Give them with `--rows FILE` (`rows` in the configuration), or by `--setup`.',
    )
  }
}

function pathAlone(text: string, { path, method, weight }: WorkloadRequest): OwnRequest {
  return { path, weight, ...(WITH_METHOD.test(text) ? { method } : {}) }
}

function completed(
  request: WorkloadRequest,
  own: OwnRequest,
  defaults: RequestDefaults,
  headersName: string,
  problems: ProblemList,
): WorkloadRequest {
  const method =
    own.method ?? defaults.method ?? (own.body === undefined && defaults.body === undefined ? 'GET' : 'POST')
  const bodiless = method === 'GET' || method === 'HEAD'
  const body = own.body ?? (bodiless ? undefined : defaults.body)
  const { kept, contentType } = resolveBody(body)
  const headers = {
    ...(contentType === null ? {} : { 'content-type': contentType }),
    ...defaults.headers,
    ...resolveHeaders(Object.entries(own.headers ?? {}), headersName, problems),
  }
  return {
    ...request,
    route: routeOf(method, request.path),
    method,
    weight: own.weight ?? 1,
    expectStatus: own.expectStatus ?? defaults.expect,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...kept,
  }
}
