import { isListenedAt, listenersAt, nameOfProcess, ownAncestry } from '../../cluster/app-dependencies.ts'
import { isAlive, PROC_SUPPORTED, readProcess } from '../../cluster/proc.ts'
import type { ProblemList } from '../../core/errors.ts'
import type { AppDependency } from '../../core/records.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import type { DEPENDENCIES } from '../options/sets/subject.ts'

const HOW = 'Write a port like port:5432, or a process like pid:4711.'

/**
 * The processes that the app calls, as they were named: `pid:4711`, `port:5432`, or a number alone where only one of the two
 * is there. Those that cannot be found are noted.
 */
export function resolveDependencies(
  { dependencies = [] }: SettingsOf<typeof DEPENDENCIES>,
  given: GivenOptions,
  problems: ProblemList,
): readonly AppDependency[] {
  if (dependencies.length > 0 && !PROC_SUPPORTED) {
    problems.add(`Expected no \`${given.name('dependencies')}\` here: processes can be told apart on Linux alone.`)
    return []
  }
  return dependencies.flatMap((text, index) => {
    const name =
      given.source('dependencies').kind === 'line'
        ? given.name('dependencies')
        : given.name('dependencies', `[${index}]`)
    const found = resolveOne(String(text))
    if (typeof found !== 'string') return [found]
    problems.add(`Expected \`${name}\` to name a process that the app calls, got ${text}: ${found}.`, HOW)
    return []
  })
}

/** The dependency, or why there is none. */
function resolveOne(text: string): AppDependency | string {
  const [, kind, digits = ''] = /^(?:(pid|port):)?(\d+)$/.exec(text) ?? []
  const number = Number(digits)
  if (kind === 'pid') return byPid(number)
  if (kind === 'port') return byPort(number)
  const [pid, port] = [byPid(number), byPort(number)]
  if (typeof pid !== 'string' && typeof port !== 'string') return 'it is a process and a port'
  if (typeof port !== 'string') return port
  if (typeof pid !== 'string') return pid
  return `${pid}, and ${port}`
}

function byPid(pid: number): AppDependency | string {
  const entry = readProcess(pid)
  if (entry === null || !isAlive(entry)) return 'there is no such process'
  if (ownAncestry().has(pid)) return 'it is the process that Forkwise was started by'
  return { name: `${nameOfProcess(pid) ?? 'process'} (pid ${pid})`, pid, port: null }
}

function byPort(port: number): AppDependency | string {
  if (!isListenedAt(port)) return 'nothing listens at that port'
  const [first] = listenersAt(port)
  if (first === undefined) return "what listens at that port is another user's; give its pid, or run as that user"
  return { name: `${nameOfProcess(first) ?? 'process'} (port ${port})`, pid: null, port }
}
