import { expect, test } from 'vitest'
import { PROC_SUPPORTED, type ProcessEntry } from '../../cluster/proc.ts'
import { usageOf } from '../../cluster/usage.ts'

/** All entries have the pid of this process’s memory to read; only names and CPU are at stake here. */
const entry = (pid: number, ppid: number, cpuS: number | null = 1): ProcessEntry => ({
  pid,
  ppid,
  birth: '1',
  zombie: false,
  cpuS,
  childrenCpuS: 0,
})

test.skipIf(!PROC_SUPPORTED)('each process has its unit’s name, else the recorded one, else its ancestor’s', () => {
  const own = process.pid
  const parent = process.ppid
  const units = [
    { name: 'worker-1', role: 'worker', pid: own },
    { name: 'worker-1-thread-1', role: 'thread', pid: own, thread: 1 },
  ] as const
  const recorded = [{ name: 'primary', role: 'supervisor', pid: parent, birth: '1' }] as const

  expect(usageOf([entry(own, parent, 2.5), entry(parent, 1, 0.5)], units, recorded)).toMatchObject([
    { name: 'worker-1', role: 'worker', pid: own, cpuS: 2.5 },
    { name: 'primary', role: 'supervisor', pid: parent, cpuS: 0.5 },
  ])
  expect(usageOf([entry(own, parent), entry(parent, 1)], [], recorded)).toMatchObject([
    { name: `primary/${own}`, role: 'supervisor' },
    { name: 'primary' },
  ])
  expect(usageOf([entry(own, 1)], [], [])).toMatchObject([{ name: String(own), role: 'worker' }])
})

test('processes that are gone, or whose CPU time is unknown, are left out', () => {
  expect(usageOf([entry(4_000_000, 1), entry(process.pid, 1, null)], [], [])).toEqual([])
})
