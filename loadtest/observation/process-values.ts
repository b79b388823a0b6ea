import { readFile, readdir } from 'node:fs/promises'
import type { MetricValue } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'

/** Clock ticks per second in /proc: the kernel's USER_HZ, 100 on every architecture that Node runs on. */
const TICKS_PER_S = 100

/** /proc/PID/status counts memory in these. */
const KIBIBYTE = 1024

/**
 * What /proc reports about a process and those below it, as metrics; processes in `others` are left out with what is
 * below them, since they speak for themselves. Empty when the process is gone or the system has no /proc. CPU time is
 * that of the dead children too, so that it does not fall when one ends.
 */
export async function processValues(pid: number, others: ReadonlySet<number> = new Set()): Promise<MetricValue[]> {
  const [own, bootS] = await Promise.all([readProcess(pid), bootTimeS()])
  if (own === null) return []
  const below = (await Promise.all((await descendants(pid, others)).map(readProcess))).filter((one) => one !== null)
  const all = [own, ...below]
  const total = (value: (one: ProcessReading) => number): number => all.reduce((sum, one) => sum + value(one), 0)
  const values: (readonly [MetricValue['spec'], number])[] = [
    [METRICS.processCpu, total(({ cpuS }) => cpuS)],
    [METRICS.residentMemory, total(({ rssBytes }) => rssBytes)],
    [METRICS.processStart, bootS + own.startedAfterBootS],
    [METRICS.openFds, own.openFds],
    [METRICS.maxFds, own.maxFds],
  ]
  return values.filter(([, value]) => Number.isFinite(value)).map(([spec, value]) => ({ spec, value }))
}

/** One process; NaN where the kernel does not report it. */
interface ProcessReading {
  readonly cpuS: number
  readonly rssBytes: number
  readonly startedAfterBootS: number
  readonly openFds: number
  readonly maxFds: number
}

async function readProcess(pid: number): Promise<ProcessReading | null> {
  const [stat, status, limits, descriptors] = await Promise.all([
    textOf(`/proc/${pid}/stat`),
    textOf(`/proc/${pid}/status`),
    textOf(`/proc/${pid}/limits`),
    entriesOf(`/proc/${pid}/fd`),
  ])
  if (stat === null || status === null) return null
  // The program's name may hold spaces and brackets, so fields count from the last `)`.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    cpuS: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_S,
    rssBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * KIBIBYTE,
    startedAfterBootS: Number(fields[19]) / TICKS_PER_S,
    openFds: descriptors ?? Number.NaN,
    maxFds: Number(/^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1]),
  }
}

async function descendants(pid: number, others: ReadonlySet<number>): Promise<number[]> {
  const text = await textOf(`/proc/${pid}/task/${pid}/children`)
  const children = (text ?? '')
    .split(' ')
    .filter((word) => word !== '')
    .map(Number)
    .filter((child) => !others.has(child))
  const below = await Promise.all(children.map((child) => descendants(child, others)))
  return [...children, ...below.flat()]
}

async function bootTimeS(): Promise<number> {
  return Number(/^btime (\d+)$/m.exec((await textOf('/proc/stat')) ?? '')?.[1])
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
