import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { isAlive, readProcess } from './proc.ts'

/** The process that owns a session. It is written in the name of the session's folder, so making the folder records it. */
export interface SessionOwner {
  readonly pid: number
  readonly birth: string
  /** This start of this machine: after another one, pid and birth mean nothing. */
  readonly boot: string
  /** Space in which the pid counts: a container has its own. */
  readonly pidSpace: string
}

/** This process as an owner. */
export function thisOwner(): SessionOwner {
  const birth = readProcess(process.pid)?.birth ?? '0'
  return { pid: process.pid, birth: shortened(birth), boot: bootTag(), pidSpace: pidSpaceTag() }
}

/** The owner and a random part as the name of a folder. */
export function describeOwner(owner: SessionOwner, random: string): string {
  return [owner.pid, owner.birth, owner.boot, owner.pidSpace, random].join('-')
}

/** Reads the name of a session's folder; null when it is none. */
export function parseOwner(name: string): SessionOwner | null {
  const match = /^(\d+)-([0-9a-z]+)-([0-9a-f]+)-([0-9a-f]+)-[0-9a-f]+$/.exec(name)
  const [, pid, birth, boot, pidSpace] = match ?? []
  if (pid === undefined || birth === undefined || boot === undefined || pidSpace === undefined) return null
  return { pid: Number(pid), birth, boot, pidSpace }
}

/**
 * Whether the owner that a folder names still lives. `unknown` for folders that are no sessions, and for owners in
 * another container: their pids say nothing here, so they are left alone. `rebooted`: the machine was started anew
 * since, so nothing of the session can be running.
 */
export function ownerState(name: string): 'alive' | 'dead' | 'rebooted' | 'unknown' {
  const owner = parseOwner(name)
  if (!owner) return 'unknown'
  if (owner.boot !== bootTag()) return 'rebooted'
  if (owner.pidSpace !== pidSpaceTag()) return 'unknown'
  const entry = readProcess(owner.pid)
  return entry !== null && shortened(entry.birth) === owner.birth && isAlive(entry) ? 'alive' : 'dead'
}

/** Births are long where they come from `ps`; four bytes of a hash keep paths short enough for unix sockets. */
function shortened(birth: string): string {
  return /^\d+$/.test(birth) ? Number(birth).toString(36) : hash(birth)
}

function bootTag(): string {
  try {
    return hash(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
  } catch {
    return '0'
  }
}

function pidSpaceTag(): string {
  try {
    return hash(readlinkSync('/proc/self/ns/pid'))
  } catch {
    return '0'
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6)
}
