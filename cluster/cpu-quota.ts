import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { listFolder } from '../core/folders.ts'
import type { RunningServer } from './model.ts'

/** Length of a period of the quota in µs: the kernel's usual one, and what containers use. */
const PERIOD_US = 100_000

/** Where the kernel shows its control groups. */
const ROOT = '/sys/fs/cgroup'

const PREFIX = 'forkwise-'

/** How often a group is tried to be removed whose last process is just ending, and the pause between, in ms. */
const REMOVAL = { tries: 50, pauseMs: 20 } as const

/** What the kernel counted of a quota since it was made. */
export interface Throttling {
  /** Periods in which the group had something to run. */
  readonly periods: number
  /** Those in which its quota was used up before they were over. */
  readonly throttled: number
}

/** The session that a quota belongs to. */
export interface QuotaOwner {
  readonly id: string
  /** Has what is left of it removed when its owner is killed. */
  guard(): void
}

/**
 * A quota of CPU time for some processes, as a container has one: when they have used so many cores' time of a period of
 * 100 ms together, all of them stand still until it is over (cgroup v2 `cpu.max`, v1 `cpu.cfs_quota_us`). It goes with its session,
 * however that ends.
 */
export class CpuQuota {
  readonly #dir: string

  private constructor(dir: string) {
    this.#dir = dir
  }

  /** A quota without a limit yet, over no process. Throws PART_MISSING where this user may not make one. */
  static create(session: QuotaOwner): CpuQuota {
    const made = makeGroup(`${PREFIX}${session.id}`)
    if (typeof made === 'string') {
      session.guard()
      return new CpuQuota(made)
    }
    throw new ForkwiseError('PART_MISSING', {
      message: `Expected to be able to set a quota of CPU time, ${made.what}.`,
      hint: made.remedy,
    })
  }

  /** Cores whose time the processes may use together; null for no limit. */
  limit(cores: number | null): void {
    if (existsSync(join(this.#dir, 'cpu.max'))) {
      writeFileSync(
        join(this.#dir, 'cpu.max'),
        `${cores === null ? 'max' : Math.round(cores * PERIOD_US)} ${PERIOD_US}`,
      )
      return
    }
    writeFileSync(join(this.#dir, 'cpu.cfs_period_us'), String(PERIOD_US))
    writeFileSync(join(this.#dir, 'cpu.cfs_quota_us'), String(cores === null ? -1 : Math.round(cores * PERIOD_US)))
  }

  /** Puts processes under it that are not yet; those that they start are from then on. Processes that are gone are passed over. */
  hold(pids: readonly number[]): void {
    const held = new Set(processesIn(this.#dir))
    for (const pid of pids.filter((each) => !held.has(each))) moveTo(this.#dir, pid)
  }

  /** What the kernel has counted. */
  throttling(): Throttling {
    const stat = readFileSync(join(this.#dir, 'cpu.stat'), 'utf8')
    const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0)
    return { periods: count('nr_periods'), throttled: count('nr_throttled') }
  }

  /** Ends it: its processes go on without a limit. */
  async remove(): Promise<void> {
    await removeGroup(this.#dir)
  }
}

/** How often the processes of a server are looked up that are to be under a quota, in ms: new ones of a new root, say. */
const LOOK_MS = 250

/** Keeps every process of a server under a quota until the signal aborts; `server` gives the one that runs, null while none does. */
export async function keepUnder(
  quota: CpuQuota,
  server: () => Pick<RunningServer, 'usage'> | null,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const processes =
      (await server()
        ?.usage()
        .catch(() => [])) ?? []
    if (signal.aborted) return
    quota.hold(processes.map(({ pid }) => pid))
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Why no quota can be set here, with the remedy; null where one can. */
export function lacksCpuQuota(): { readonly what: string; readonly remedy: string } | null {
  const made = makeGroup(`${PREFIX}look-${process.pid}`)
  if (typeof made !== 'string') return made
  rmdirSync(made)
  return null
}

/** Removes the quotas of a session; its processes are to be ended before. Never throws. */
export async function removeQuotasOf(sessionId: string): Promise<void> {
  for (const place of placesOfGroups()) {
    const dir = join(place, `${PREFIX}${sessionId}`)
    if (existsSync(dir)) await removeGroup(dir)
  }
}

/** The folder of a new group with a quota, or what stands against it. */
function makeGroup(name: string): string | { readonly what: string; readonly remedy: string } {
  let why = 'this kernel shows no control groups with a CPU quota'
  for (const place of placesOfGroups()) {
    const dir = join(place, name)
    try {
      mkdirSync(dir, { recursive: true })
      if (existsSync(join(dir, 'cpu.max')) || existsSync(join(dir, 'cpu.cfs_quota_us'))) {
        return dir
      }
      rmdirSync(dir)
    } catch (thrown) {
      why = messageOf(thrown)
    }
  }
  return {
    what: `got: ${why}`,
    remedy:
      'It takes Linux and a user who may write into a control group: root, in a container one that has its groups writable.',
  }
}

/** Folders in which a group may be made: the group of this process, and those above it. */
function placesOfGroups(): string[] {
  let lines: string[]
  try {
    lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n')
  } catch {
    return []
  }
  return lines.flatMap((line) => {
    const [, hierarchy, controllers = '', path = '/'] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    if (hierarchy === undefined) return []
    if (controllers === '') return hierarchy === '0' ? upTo(ROOT, path) : []
    return controllers.split(',').includes('cpu') ? upTo(join(ROOT, controllers), path) : []
  })
}

/** The folder of a path below a root, and all above it up to the root, the innermost first, as far as they exist. */
function upTo(root: string, path: string): string[] {
  const dirs: string[] = []
  for (let dir = join(root, path); dir.startsWith(root); dir = dirname(dir)) dirs.push(dir)
  return dirs.filter((dir) => existsSync(dir))
}

function processesIn(dir: string): number[] {
  try {
    return readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function moveTo(dir: string, pid: number): void {
  try {
    writeFileSync(join(dir, 'cgroup.procs'), String(pid))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

async function removeGroup(dir: string): Promise<void> {
  for (let tries = REMOVAL.tries; tries > 0; tries--) {
    try {
      for (const pid of processesIn(dir)) moveTo(dirname(dir), pid)
      rmdirSync(dir)
      return
    } catch {
      if (!existsSync(dir)) return
      await sleep(REMOVAL.pauseMs)
    }
  }
}

/** Names of groups with a quota that exist now, for tests. */
export function quotaGroups(): readonly string[] {
  return placesOfGroups().flatMap((place) => listFolder(place).filter((name) => name.startsWith(PREFIX)))
}
