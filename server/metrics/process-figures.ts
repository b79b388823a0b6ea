import { readFileSync, readdirSync } from 'node:fs'
import type { MetricValue } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'

/** CPU time, memory, file descriptors and start of the whole process; what the platform does not report is left out. */
export function processFigures(): MetricValue[] {
  const { user, system } = process.cpuUsage()
  const openFds = openFileDescriptors()
  const maxFds = maxFileDescriptors()
  return [
    { spec: METRICS.processCpu, value: (user + system) / 1e6 },
    { spec: METRICS.residentMemory, value: process.memoryUsage.rss() },
    { spec: METRICS.processStart, value: STARTED_AT_S },
    ...(openFds === null ? [] : [{ spec: METRICS.openFds, value: openFds }]),
    ...(maxFds === null ? [] : [{ spec: METRICS.maxFds, value: maxFds }]),
  ]
}

const STARTED_AT_S = Date.now() / 1000 - process.uptime()

function openFileDescriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return null
  }
}

function maxFileDescriptors(): number | null {
  try {
    const limit = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit === undefined ? null : limit === 'unlimited' ? Infinity : Number(limit)
  } catch {
    return null
  }
}
