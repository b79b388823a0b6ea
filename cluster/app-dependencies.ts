import { readdirSync, readlinkSync } from 'node:fs'
import { readText } from '../core/read-text.ts'
import type { AppDependency } from '../core/records.ts'
import { descendantsOf, listProcesses, type ProcessEntry } from './proc.ts'

/** The state of a socket that listens, in /proc/net/tcp. */
const LISTEN = '0A'

/**
 * The processes of dependencies that were named, and all below them; of a port those that listen there now, so that a
 * dependency that was started again is found again. Without those in `except` and what is below them.
 */
export function dependencyPids(dependencies: readonly AppDependency[], except: readonly number[] = []): number[] {
  if (dependencies.length === 0) return []
  const processes = listProcesses()
  const roots = new Set(dependencies.flatMap(rootsOf))
  const others = new Set([...except, ...descendantsOf(except, processes).map(({ pid }) => pid)])
  const found = [...roots, ...descendantsOf(roots, processes).map(({ pid }) => pid)]
  return found.filter((pid) => processes.has(pid) && !others.has(pid))
}

function rootsOf({ pid, port }: AppDependency): number[] {
  if (pid !== null) return [pid]
  return port === null ? [] : listenersAt(port)
}

/** Processes that listen at a TCP port of this machine, as far as they may be looked at. */
export function listenersAt(port: number): number[] {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return []
  return pidsInProc().filter((pid) => socketsOf(pid).some((inode) => inodes.has(inode)))
}

/** True when something listens at a TCP port, whoever it belongs to. */
export function isListenedAt(port: number): boolean {
  return ['/proc/net/tcp', '/proc/net/tcp6'].some((table) => listeningInodes(table, port).length > 0)
}

/** The name of a process, as `ps` shows it; null when it is gone. */
export function nameOfProcess(pid: number): string | null {
  return readText(`/proc/${pid}/comm`)?.trim() ?? null
}

/** This process and all that it descends from. */
export function ownAncestry(processes: ReadonlyMap<number, ProcessEntry> = listProcesses()): ReadonlySet<number> {
  const found = new Set<number>()
  for (let pid = process.pid; pid > 0 && !found.has(pid); pid = processes.get(pid)?.ppid ?? 0) found.add(pid)
  return found
}

function listeningInodes(table: string, port: number): string[] {
  return (readText(table) ?? '').split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = '0'] = line.trim().split(/\s+/)
    const isThere = state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port
    return isThere && inode !== '0' ? [inode] : []
  })
}

function pidsInProc(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** Inodes of the sockets that a process has open; none where it is gone or another user's. */
function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
