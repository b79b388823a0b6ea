import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import os from 'node:os'
import { allowedCpus } from '../core/cores.ts'
import { readText } from '../core/read-text.ts'

/** One live process, as the kernel reports it. */
export interface ProcessEntry {
  readonly pid: number
  readonly ppid: number
  /** When the process began, in the kernel's own words: a pid that is used again has another birth. */
  readonly birth: string
  /** Ended, but not yet collected by its parent; as good as gone. */
  readonly zombie: boolean
  /** User + system time since the process began, dead children included, in seconds; null where /proc is missing. */
  readonly cpuS: number | null
  /** The part of it that its dead children used, as far as it waited for them. */
  readonly childrenCpuS: number | null
}

/** Memory of one process. */
export interface ProcessMemory {
  readonly rssBytes: number
  /** Proportional set size; null where the kernel does not let us read it. */
  readonly pssBytes: number | null
}

/** CPU time of the whole machine since it started, in seconds, summed over its cores. */
export interface HostCpu {
  readonly busyS: number
  readonly idleS: number
  /** Time that the hypervisor gave to others. */
  readonly stealS: number
}

/** True where /proc can be read (Linux). Elsewhere processes are found through `ps`, and CPU and memory are unknown. */
export const PROC_SUPPORTED: boolean = existsSync('/proc/self/stat')

/** Clock ticks per second in /proc: the kernel's USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_S = 100

/** Reads one process; null when there is none of that pid. */
export function readProcess(pid: number): ProcessEntry | null {
  if (!PROC_SUPPORTED) return parsePs(runPs(['-p', String(pid)])).get(pid) ?? null
  const text = readText(`/proc/${pid}/stat`)
  return text === null ? null : parseStat(text)
}

/** Reads every process of the machine, by pid. */
export function listProcesses(): Map<number, ProcessEntry> {
  if (!PROC_SUPPORTED) return parsePs(runPs(['-A']))
  const entries = new Map<number, ProcessEntry>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const entry = readProcess(pid)
    if (entry) entries.set(pid, entry)
  }
  return entries
}

/**
 * CPU time of the threads that a process has now, in seconds, exact to the nanosecond where /proc/PID/stat counts in
 * steps of 10 ms; ended threads and children are not in it. Null where the kernel does not report it.
 */
export function threadsCpuS(pid: number): number | null {
  let nanoseconds = 0
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readText(`/proc/${pid}/task/${thread}/schedstat`)
      if (text !== null) nanoseconds += Number.parseInt(text, 10)
    }
  } catch {
    return null
  }
  return nanoseconds === 0 ? null : nanoseconds / 1e9
}

/**
 * The live children of a process, from its own files: much cheaper than a look at all processes. Null where the kernel
 * does not keep such files, or there is no such process.
 */
export function childrenOf(pid: number): number[] | null {
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return null
  }
  // A thread may have ended since.
  const texts = threads.flatMap((thread) => readText(`/proc/${pid}/task/${thread}/children`) ?? [])
  return texts.length === 0
    ? null
    : texts.flatMap((text) =>
        text
          .split(' ')
          .filter((word) => word !== '')
          .map(Number),
      )
}

/**
 * What a process does at this moment: on a core or waiting for one, stopped by a signal, or waiting for something else.
 * Null when there is none of that pid, or no /proc.
 */
export function activityOf(pid: number): 'running' | 'stopped' | 'waiting' | null {
  const text = PROC_SUPPORTED ? readText(`/proc/${pid}/stat`) : null
  if (text === null) return null
  // The name in parentheses may hold anything, parentheses included.
  const state = text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3)
  if (state === 'Z' || state === 'X') return null
  if (state === 'R') return 'running'
  return state === 'T' || state === 't' ? 'stopped' : 'waiting'
}

/** The session of a process, and whether that has a terminal; null when there is no such process, or no /proc. */
export function terminalSessionOf(pid: number): { readonly id: number; readonly hasTerminal: boolean } | null {
  const text = PROC_SUPPORTED ? readText(`/proc/${pid}/stat`) : null
  const [, , , id, terminal] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
  return id === undefined || terminal === undefined ? null : { id: Number(id), hasTerminal: terminal !== '0' }
}

/** The words that a process was started with; empty when there is no such process, or no /proc. */
export function commandLineOf(pid: number): string[] {
  const text = PROC_SUPPORTED ? readText(`/proc/${pid}/cmdline`) : null
  return text === null ? [] : text.split('\0').filter((word) => word !== '')
}

/** True while the process of that pid and birth lives (a zombie does not). */
export function isAlive(identity: { readonly pid: number; readonly birth: string }): boolean {
  const entry = readProcess(identity.pid)
  return entry !== null && !entry.zombie && entry.birth === identity.birth
}

/** Value of a variable in the environment that a process was started with; null when unset, unreadable or no Linux. */
export function environmentOf(pid: number, variable: string): string | null {
  const text = readText(`/proc/${pid}/environ`)
  if (text === null) return null
  const entry = text.split('\0').find((line) => line.startsWith(`${variable}=`))
  return entry === undefined ? null : entry.slice(variable.length + 1)
}

/** True when standard output or standard error of a process is a file inside the folder. */
export function writesInto(pid: number, dir: string): boolean {
  return [1, 2].some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${dir}/`)
    } catch {
      return false
    }
  })
}

/** Processes below the given ones, in no particular order, without the given ones. */
export function descendantsOf(roots: Iterable<number>, processes: ReadonlyMap<number, ProcessEntry>): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>()
  for (const entry of processes.values()) {
    const siblings = children.get(entry.ppid)
    if (siblings) siblings.push(entry)
    else children.set(entry.ppid, [entry])
  }
  const seen = new Set(roots)
  const found: ProcessEntry[] = []
  const open = [...seen]
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (seen.has(child.pid)) continue
      seen.add(child.pid)
      found.push(child)
      open.push(child.pid)
    }
  }
  return found
}

/** Memory of a process; null when it is gone or there is no /proc. */
export function memoryOf(pid: number): ProcessMemory | null {
  const rollup = readText(`/proc/${pid}/smaps_rollup`)
  const exactRss = rollup === null ? null : kilobytes(rollup, 'Rss')
  if (rollup !== null && exactRss !== null) return { rssBytes: exactRss, pssBytes: kilobytes(rollup, 'Pss') }
  const status = readText(`/proc/${pid}/status`)
  const rssBytes = status === null ? null : kilobytes(status, 'VmRSS')
  return rssBytes === null ? null : { rssBytes, pssBytes: null }
}

/** CPU time of the whole machine; null where there is no /proc. */
export function hostCpu(): HostCpu | null {
  const text = readText('/proc/stat')
  return text === null ? null : parseHostCpu(text, narrowedCpus())
}

let narrowed: readonly number[] | null | undefined

/** The CPUs of the affinity mask where they are not all of the machine's; else null. Looked up when first asked for. */
function narrowedCpus(): readonly number[] | null {
  if (narrowed === undefined) {
    const allowed = allowedCpus()
    narrowed = allowed === null || allowed.length >= os.cpus().length ? null : allowed
  }
  return narrowed
}

/** Reads the text of /proc/PID/stat. The program's name may hold spaces and brackets, so fields count from the last `)`. */
export function parseStat(text: string): ProcessEntry | null {
  const pid = Number.parseInt(text, 10)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, ppid, birth] = [fields[0], fields[1], fields[19]]
  if (state === undefined || ppid === undefined || birth === undefined || !Number.isInteger(pid)) return null
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number)
  return {
    pid,
    ppid: Number(ppid),
    birth,
    zombie: state === 'Z' || state === 'X',
    cpuS: (user + system + childrenUser + childrenSystem) / TICKS_PER_S,
    childrenCpuS: (childrenUser + childrenSystem) / TICKS_PER_S,
  }
}

/**
 * Reads the text of /proc/stat: all CPUs, or the sum over some. Guest time is inside user time already; waiting for a
 * disk is idle time.
 */
export function parseHostCpu(text: string, cpus: readonly number[] | null = null): HostCpu | null {
  const names = cpus === null ? ['cpu'] : cpus.map((cpu) => `cpu${cpu}`)
  const lines = names.map((name) => new RegExp(`^${name} +(.+)$`, 'm').exec(text)?.[1])
  const total = { busyS: 0, idleS: 0, stealS: 0 }
  for (const line of lines) {
    if (line === undefined) return null
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
      .split(' ')
      .map((ticks) => Number(ticks) / TICKS_PER_S)
    total.busyS += user + nice + system + irq + softirq
    total.idleS += idle + iowait
    total.stealS += steal
  }
  return total
}

/** Reads what `ps -o pid=,ppid=,stat=,lstart=` prints (macOS). */
export function parsePs(text: string): Map<number, ProcessEntry> {
  const entries = new Map<number, ProcessEntry>()
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
    const [, pid, ppid, state, birth] = match ?? []
    if (pid === undefined || ppid === undefined || state === undefined || birth === undefined) continue
    entries.set(Number(pid), {
      pid: Number(pid),
      ppid: Number(ppid),
      birth,
      zombie: state.startsWith('Z'),
      cpuS: null,
      childrenCpuS: null,
    })
  }
  return entries
}

function runPs(selection: readonly string[]): string {
  try {
    return execFileSync('ps', [...selection, '-o', 'pid=,ppid=,stat=,lstart='], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    })
  } catch {
    // `ps -p` ends with 1 when there is no such process.
    return ''
  }
}

function kilobytes(text: string, field: string): number | null {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)
  return match ? Number(match[1]) * 1024 : null
}
