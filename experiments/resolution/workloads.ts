import { basename } from 'node:path'
import type { ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { unknownName } from '../../core/names.ts'
import { quoted } from '../../core/quotes.ts'
import { fits } from '../options/form.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import { COMPARED_WORKLOADS } from '../options/sets/comparison.ts'
import type { SERVERS } from '../options/sets/models.ts'
import { type SUBJECT, WORKLOADS } from '../options/sets/subject.ts'
import { resolveHeaders } from './headers.ts'
import { oddityOf } from '../../store/regular-file.ts'
import { readRequestsFile } from './requests-file.ts'
import { mixOfPaths, type OwnWorkload, type RequestDefaults } from './requests.ts'
import { readRows } from './rows.ts'

type Subject = SettingsOf<typeof SUBJECT>

/** What is known of workloads once the options were read. */
export interface ResolvedWorkloads {
  readonly chosen: readonly Workload[]
  /** Ids of all that could have been chosen. */
  readonly known: readonly string[]
}

/**
 * The workloads to compare: those named, or the paths of an app or a running server of the user's own, or the workloads
 * that a configuration defines, or the usual ones. Every problem is noted.
 */
export function resolveWorkloads(
  settings: Subject & SettingsOf<typeof WORKLOADS & typeof SERVERS>,
  builtIn: readonly Workload[],
  given: GivenOptions,
  problems: ProblemList,
): ResolvedWorkloads {
  const defaults = requestDefaults(settings, given, problems)
  const own = resolveOwnWorkloads(settings.workloads ?? [], defaults, builtIn, given, problems)
  const all = [...builtIn.map((workload) => withHeaders(workload, defaults)), ...own]
  const known = [...all.map(({ id }) => id), ...(requestsKey(given) === null ? [] : ['own'])]
  const { workloads } = settings
  const key = requestsKey(given)
  noteMissingPaths('workloads', definesOwn(settings.workloads) || own.length > 0, given, problems)
  const subject = subjectKey(given)
  if (key !== null && !given.has(subject) && !given.has('servers') && !haveOwnApps(given.value('variants'))) {
    problems.add(
      `Expected \`${given.name(key)}\` only with \`${given.name(subject)}\` or \`${given.name('servers', '[0].url')}\`, got it alone.`,
    )
  }
  if (key !== null) {
    const mix = resolveRequests(settings, defaults, given, problems)
    return { chosen: mix === null ? [] : [mix], known }
  }
  if (given.has(subject) && own.length === 0) return { chosen: [], known }
  const names = workloads?.map((workload) => (typeof workload === 'string' ? workload : workload.id))
  return { chosen: pickWorkloads(names ?? defaultNames(own), all, given, problems), known }
}

/** True when each variant names an app of its own. */
function haveOwnApps(variants: unknown): boolean {
  return (
    Array.isArray(variants) &&
    variants.length > 0 &&
    variants.every((variant: unknown) => typeof variant === 'object' && variant !== null && 'app' in variant)
  )
}

/** The option that says what to request: paths, or a file with requests; null where neither is given. */
export function requestsKey(given: GivenOptions): 'paths' | 'requests' | null {
  if (given.has('paths')) return 'paths'
  return given.has('requests') ? 'requests' : null
}

/** The mix of the paths, or of the file with requests, that are given; null, with every problem noted, where it cannot be read. */
export function resolveRequests(
  { paths, requests }: Subject,
  defaults: RequestDefaults,
  given: GivenOptions,
  problems: ProblemList,
): Workload | null {
  if (paths !== undefined) return mixOfPaths(paths, defaults, (part) => given.name('paths', part), problems)
  if (requests === undefined) return null
  const name = given.name('requests')
  const file = readRequestsFile(requests, name, problems)
  if (file === null) return null
  const mix = mixOfPaths(file.requests, defaults, (part = '') => `${name} ${basename(requests)}${part}`, problems)
  return mix === null ? null : { ...mix, title: file.title }
}

/** What holds for all requests of the user's own; every problem is noted. */
export function requestDefaults(settings: Subject, given: GivenOptions, problems: ProblemList): RequestDefaults {
  const { method, body, expect } = settings
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    problems.add(
      `Expected no \`${given.name('body')}\` with ${method}.`,
      `Leave out \`${given.name('method')}\`, or use POST, PUT or PATCH.`,
    )
  }
  for (const key of ['method', 'body', 'expect']) {
    if (given.source(key).kind === 'file' || !given.has(key) || requestsKey(given) !== null) continue
    problems.add(`Expected \`${given.name(key)}\` together with \`${given.name('paths')}\`, got it alone.`)
  }
  const rows = settings.rows === undefined ? null : readRows(settings.rows, given.name('rows'), problems)
  return {
    method,
    body,
    expect,
    rows: rows === null ? undefined : { ...rows, name: given.name('rows') },
    setup: resolveSetup(settings.setup, given.name('setup'), problems),
    headers: resolveHeaders(Object.entries(settings.headers ?? {}), given.name('headers'), problems),
  }
}

/** The module that prepares launches, which is loaded only then: here it must be there. */
function resolveSetup(setup: string | undefined, name: string, problems: ProblemList): string | undefined {
  const oddity = setup === undefined ? null : oddityOf(setup)
  if (oddity !== null) {
    problems.add(
      `Expected \`${name}\` to be a file, got ${setup}, ${oddity}.`,
      'It exports a function: `export default async (target) => ({ headers: { … } })`.',
    )
  }
  return setup
}

/** What holds for the requests of a workload that a configuration defines. */
export function defaultsWithin({ headers, rows, setup }: RequestDefaults): RequestDefaults {
  return { headers, rows, setup, expect: 200 }
}

/**
 * The workloads of the user's own among those given, and among those of a configuration that others were given instead of;
 * every problem is noted.
 */
export function resolveOwnWorkloads(
  workloads: readonly (string | OwnWorkload)[],
  defaults: RequestDefaults,
  builtIn: readonly Workload[],
  given: GivenOptions,
  problems: ProblemList,
): readonly Workload[] {
  const taken = new Set(builtIn.map(({ id }) => id))
  return [...entriesOf(workloads, given), ...entriesAside(given, problems)].flatMap(({ workload, nameOf }) => {
    if (taken.has(workload.id)) {
      problems.add(`Expected \`${nameOf('.id')}\` to be its own, got ${quoted(workload.id)}, which another one has.`)
      return []
    }
    taken.add(workload.id)
    const name = (part = ''): string => nameOf(`.paths${part}`)
    const { id, title = id, connectionsPerWorker } = workload
    const mix = mixOfPaths(workload.paths, defaultsWithin(defaults), name, problems, connectionsPerWorker)
    return mix === null ? [] : [{ ...mix, id, title }]
  })
}

interface Entry {
  readonly workload: OwnWorkload
  readonly nameOf: (part: string) => string
}

function entriesOf(workloads: readonly (string | OwnWorkload)[], given: GivenOptions): Entry[] {
  return workloads.flatMap((workload, index) =>
    typeof workload === 'string'
      ? []
      : [{ workload, nameOf: (part: string) => given.name('workloads', `[${index}]${part}`) }],
  )
}

/** The workloads of a configuration that others were given instead of: they can still be named. */
function entriesAside(given: GivenOptions, problems: ProblemList): Entry[] {
  const entries: Entry[] = []
  const seen = new Set([given.value('workloads')])
  for (let { aside } = given; aside !== null; aside = aside.aside) {
    const value = aside.value('workloads')
    if (value === undefined || seen.has(value)) continue
    seen.add(value)
    const source = aside
    const name = (part?: string): string => source.name('workloads', part)
    if (fits(value, WORKLOADS.workloads.schema, name, problems)) {
      entries.push(...entriesOf(value as readonly (string | OwnWorkload)[], aside))
    }
  }
  return entries
}

/** Those of all workloads that are named; names that do not exist are noted. */
export function pickWorkloads(
  names: readonly string[],
  all: readonly Workload[],
  given: GivenOptions,
  problems: ProblemList,
): readonly Workload[] {
  const ids = all.map(({ id }) => id)
  for (const name of names.filter((each) => !ids.includes(each))) {
    const { message, hint } = unknownName(`a workload in \`${given.name('workloads')}\``, name, ids)
    problems.add(message, hint)
  }
  return all.filter(({ id }) => names.includes(id))
}

function defaultNames(own: readonly Workload[]): readonly string[] {
  return own.length > 0 ? own.map(({ id }) => id) : COMPARED_WORKLOADS
}

/** A workload whose requests carry these headers, too. */
export function withHeaders(workload: Workload, { headers = {} }: RequestDefaults): Workload {
  if (Object.keys(headers).length === 0) return workload
  return {
    ...workload,
    requests: workload.requests.map((one) => ({ ...one, headers: { ...one.headers, ...headers } })),
  }
}

/** True where a workload of the user's own is among those given, even one that cannot be read. */
export function definesOwn(workloads: readonly (string | OwnWorkload)[] = []): boolean {
  return workloads.some((workload) => typeof workload === 'object')
}

/** The option that names what is asked: an app, or a command that starts one. */
export function subjectKey(given: GivenOptions): 'app' | 'start' {
  return given.has('start') ? 'start' : 'app'
}

/** Notes an app without anything to ask of it: neither paths nor, under `workloadKey`, workloads of the user's own. */
export function noteMissingPaths(
  workloadKey: 'workload' | 'workloads',
  hasOwn: boolean,
  given: GivenOptions,
  problems: ProblemList,
): void {
  const subject = subjectKey(given)
  if (!given.has(subject) || requestsKey(given) !== null || hasOwn) return
  const [app, paths] = [given.name(subject), given.name('paths')]
  if (given.has(workloadKey)) {
    problems.add(
      `Expected \`${paths}\` instead of \`${given.name(workloadKey)}\` with \`${app}\`.`,
      'A configuration can define workloads.',
    )
  } else {
    problems.add(
      `Expected \`${paths}\` with \`${app}\`, got none.`,
      `Name what to request, e.g. \`${given.example('paths', '/orders/42', "['/orders/42']")}\`.`,
    )
  }
}
