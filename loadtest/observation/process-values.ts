import { readFile, readdir } from 'node:fs/promises'
import type { MetricValue } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'

/** Clock ticks per second in /proc: the kernel's USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_S = 100

/** /proc/PID/status counts memory in these. */
const KIBIBYTE = 1024

/** What /proc tells about a process, as metrics; empty when the process is gone or the system has no /proc. */
export async function processValues(pid: number): Promise<MetricValue[]> {
  const [stat, status, limits, descriptors, host] = await Promise.all([
    textOf(`/proc/${pid}/stat`),
    textOf(`/proc/${pid}/status`),
    textOf(`/proc/${pid}/limits`),
    entriesOf(`/proc/${pid}/fd`),
    textOf('/proc/stat'),
  ])
  if (stat === null || status === null) return []
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const cpuS = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
  const bootS = Number(/^btime (\d+)$/m.exec(host ?? '')?.[1])
  const values: (readonly [MetricValue['spec'], number])[] = [
    [METRICS.processCpu, cpuS],
    [METRICS.residentMemory, Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * KIBIBYTE],
    [METRICS.processStart, bootS + Number(fields[19]) / TICKS_PER_S],
    [METRICS.openFds, descriptors ?? Number.NaN],
    [METRICS.maxFds, Number(/^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1])],
  ]
  return values.filter(([, value]) => Number.isFinite(value)).map(([spec, value]) => ({ spec, value }))
}

async function textOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null)
}

async function entriesOf(path: string): Promise<number | null> {
  return readdir(path).then(
    (names) => names.length,
    () => null,
  )
}
