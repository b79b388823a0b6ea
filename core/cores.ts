import os from 'node:os'
import { type ReadText, readText } from './read-text.ts'

/** Cores this process may use: as many as its affinity mask has CPUs. */
export function availableCores(): number {
  return os.availableParallelism()
}

/**
 * The CPUs that this process may run on, by their numbers, which its children inherit: a container's cpuset and
 * `taskset` narrow them. Null where the system does not report them (macOS).
 */
export function allowedCpus(read: ReadText = readText): readonly number[] | null {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1]
  return list === undefined ? null : cpusIn(list)
}

/** The numbers of a kernel's list of CPUs or nodes, e.g. `0-2,8`, in ascending order. */
export function cpusIn(list: string): readonly number[] {
  return list
    .trim()
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
    .toSorted((a, b) => a - b)
}

/** CPUs as the kernel writes them: `[0, 1, 2, 8]` → `0-2,8`. */
export function cpuList(cpus: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const cpu of cpus.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1)
    if (range !== undefined && cpu === range[1] + 1) range[1] = cpu
    else ranges.push([cpu, cpu])
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',')
}
