import type { ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { unknownName } from '../../core/names.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import type { KNOWN_WORKLOADS, WORKLOAD } from '../options/sets/measuring.ts'
import type { SUBJECT } from '../options/sets/subject.ts'
import { mixOfPaths, type RequestDefaults } from './requests.ts'
import {
  definesOwn,
  defaultsWithin,
  noteMissingPaths,
  requestDefaults,
  requestsKey,
  resolveOwnWorkloads,
  resolveRequests,
  subjectKey,
  withHeaders,
} from './workloads.ts'

type WorkloadSettings = SettingsOf<typeof WORKLOAD & typeof KNOWN_WORKLOADS>

/**
 * The one workload of an experiment: the one that is named or written out, or the user's own paths, or the only one that
 * a configuration lists, or else the fallback. Without a fallback nothing is guessed. Null where none is meant, or, with every problem noted, none could be read.
 */
export async function resolveWorkload(
  settings: WorkloadSettings & SettingsOf<typeof SUBJECT>,
  fallback: string | null,
  given: GivenOptions,
  problems: ProblemList,
): Promise<Workload | null> {
  const defaults = requestDefaults(settings, given, problems)
  const key = requestsKey(given)
  if (key !== null) {
    const subject = subjectKey(given)
    if (!given.has(subject)) {
      problems.add(`Expected \`${given.name(key)}\` only with \`${given.name(subject)}\`, got it alone.`)
    }
    return resolveRequests(settings, defaults, given, problems)
  }
  return resolveNamedWorkload(settings, defaults, fallback, given, problems)
}

/** As {@link resolveWorkload}, where paths cannot be given. */
export async function resolveNamedWorkload(
  { workload, workloads = [] }: WorkloadSettings,
  defaults: RequestDefaults,
  fallback: string | null,
  given: GivenOptions,
  problems: ProblemList,
): Promise<Workload | null> {
  const builtIn = await loadWorkloads()
  const own = resolveOwnWorkloads(workloads, defaults, builtIn, given, problems)
  if (typeof workload === 'object') {
    const nameOf = (part = ''): string => given.name('workload', `.paths${part}`)
    const mix = mixOfPaths(workload.paths, defaultsWithin(defaults), nameOf, problems, workload.connectionsPerWorker)
    return mix === null ? null : { ...mix, id: workload.id, title: workload.title ?? workload.id }
  }
  if (workload === undefined && fallback === null) return null
  const all = [...builtIn.map((each) => withHeaders(each, defaults)), ...own]
  const listed = workloads.map((each) => (typeof each === 'string' ? each : each.id))
  if (workload === undefined && own.length > 0 && listed.length > 1) {
    problems.add(
      `Expected \`${given.name('workload')}\` to choose one of ${listed.join(', ')}, got none.`,
      `For example: \`${given.example('workload', listed[0] ?? '', `'${listed[0]}'`)}\`.`,
    )
    return null
  }
  noteMissingPaths('workload', definesOwn(workloads) || own.length > 0, given, problems)
  if (given.has(subjectKey(given)) && own.length === 0) return null
  const id = workload ?? (listed.length === 1 ? listed[0] : undefined) ?? fallback
  if (id === null) return null
  const found = all.find((each) => each.id === id)
  if (found !== undefined) return found
  const ids = all.map((each) => each.id)
  const { message, hint } = unknownName(`a workload in \`${given.name('workload')}\``, id, ids)
  problems.add(message, hint)
  return null
}
