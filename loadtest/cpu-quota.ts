import { type ReadText, readText } from '../core/read-text.ts'

/** Where control groups are mounted. */
const MOUNT = '/sys/fs/cgroup'

/** Names under which version 1 mounts the controller of CPU time. */
const V1_MOUNTS = ['cpu', 'cpu,cpuacct'] as const

/**
 * Cores that control groups allow this process, the least of its own group's and its ancestors' quotas (version 2, then
 * 1); null when there is none or the system has no control groups.
 */
export function cpuQuotaCores(read: ReadText = readText): number | null {
  const quotas = groupFolders(read).flatMap((folder) => quotaOf(folder, read) ?? [])
  return quotas.length === 0 ? null : Math.min(...quotas)
}

/**
 * How often since its making a quota has throttled this process's group or one of its ancestors; null where none says.
 * The difference of two readings shows whether a slice was throttled.
 */
export function timesThrottled(read: ReadText = readText): number | null {
  const times = groupFolders(read).flatMap((folder) => {
    const found = /^nr_throttled (\d+)$/m.exec(read(`${folder}/cpu.stat`) ?? '')?.[1]
    return found === undefined ? [] : [Number(found)]
  })
  return times.length === 0 ? null : times.reduce((sum, one) => sum + one, 0)
}

function quotaOf(folder: string, read: ReadText): number | null {
  const [quota = 'max', period] = (read(`${folder}/cpu.max`) ?? '').trim().split(' ')
  if (Number(quota) > 0) return Number(quota) / Number(period ?? 100_000)
  const quotaUs = Number(read(`${folder}/cpu.cfs_quota_us`) ?? -1)
  return quotaUs > 0 ? quotaUs / Number(read(`${folder}/cpu.cfs_period_us`) ?? 100_000) : null
}

/** The folders of this process's group and its ancestors, the root included, in both versions' trees. */
function groupFolders(read: ReadText): readonly string[] {
  const lines = (read('/proc/self/cgroup') ?? '').split('\n')
  const pathOf = (controllers: (names: string) => boolean): string | null =>
    lines.map((line) => line.split(':')).find(([, names]) => names !== undefined && controllers(names))?.[2] ?? null
  const v2 = pathOf((names) => names === '')
  const v1 = pathOf((names) => names.split(',').includes('cpu'))
  return [
    ...(v2 === null ? [] : upwards(v2).map((path) => `${MOUNT}${path}`)),
    ...(v1 === null ? [] : V1_MOUNTS.flatMap((mount) => upwards(v1).map((path) => `${MOUNT}/${mount}${path}`))),
  ]
}

/** `/a/b` → `/a/b`, `/a` and the empty path of the root. */
function upwards(path: string): readonly string[] {
  const names = path.split('/').filter((name) => name !== '')
  return Array.from({ length: names.length + 1 }, (_, i) =>
    names
      .slice(0, names.length - i)
      .map((name) => `/${name}`)
      .join(''),
  )
}
