import { describe, expect, test } from 'vitest'
import {
  descendantsOf,
  environmentOf,
  hostCpu,
  isAlive,
  listProcesses,
  memoryOf,
  parseHostCpu,
  parsePs,
  parseStat,
  PROC_SUPPORTED,
  type ProcessEntry,
  readProcess,
} from '../../cluster/proc.ts'

/** A stat line with the given name and figures; the fields between them are irrelevant here. */
function statLine(pid: number, name: string, state: string, ppid: number, ticks: number[], birth: number): string {
  return `${pid} (${name}) ${state} ${ppid} 9 9 0 -1 4194304 1 2 3 4 ${ticks.join(' ')} 20 0 11 0 ${birth} 1000 200 18446744073709551615\n`
}

describe('parseStat', () => {
  test.each([
    [
      'reads an ordinary process',
      statLine(7, 'node', 'S', 1, [100, 50, 25, 5], 4711),
      { pid: 7, ppid: 1, birth: '4711', zombie: false, cpuS: 1.8, childrenCpuS: 0.3 },
    ],
    [
      'counts fields from the last bracket of a hostile name',
      statLine(8, 'a) R 1 (b', 'R', 7, [0, 0, 0, 0], 9),
      { pid: 8, ppid: 7, birth: '9', zombie: false, cpuS: 0, childrenCpuS: 0 },
    ],
    [
      'knows a zombie',
      statLine(9, 'sh', 'Z', 7, [1, 0, 0, 0], 10),
      { pid: 9, ppid: 7, birth: '10', zombie: true, cpuS: 0.01, childrenCpuS: 0 },
    ],
    ['gives nothing for text that is cut off', '12 (node) S 1', null],
    ['gives nothing for an empty text', '', null],
  ])('%s', (_, text, expected) => {
    expect(parseStat(text)).toEqual(expected)
  })
})

test('parsePs reads what ps prints on macOS', () => {
  const text = '    1     0 Ss   Mon Nov  3 09:12:01 2025    \n  842     1 Z    Mon Nov  3 09:12:05 2025\n\n'
  expect([...parsePs(text).values()]).toEqual([
    { pid: 1, ppid: 0, birth: 'Mon Nov  3 09:12:01 2025', zombie: false, cpuS: null, childrenCpuS: null },
    { pid: 842, ppid: 1, birth: 'Mon Nov  3 09:12:05 2025', zombie: true, cpuS: null, childrenCpuS: null },
  ])
})

test('parseHostCpu sums the first line of /proc/stat in seconds and leaves guest time in user time', () => {
  const text = 'cpu  1000 100 300 5000 200 10 40 70 400 20\ncpu0 500 50 150 2500 100 5 20 35 200 10\n'
  expect(parseHostCpu(text)).toEqual({ busyS: 14.5, idleS: 52, stealS: 0.7 })
  expect(parseHostCpu('intr 5\n')).toBeNull()
  expect(parseHostCpu(text, [0])).toEqual({ busyS: 7.25, idleS: 26, stealS: 0.35 })
  expect(parseHostCpu(text, [0, 7])).toBeNull()
})

const entry = (pid: number, ppid: number): ProcessEntry => ({
  pid,
  ppid,
  birth: '0',
  zombie: false,
  cpuS: 0,
  childrenCpuS: 0,
})

test('descendantsOf finds children of children, whatever the order, and not the roots', () => {
  const table = new Map(
    [entry(1, 0), entry(5, 3), entry(3, 2), entry(2, 1), entry(4, 1), entry(6, 5)].map((e) => [e.pid, e]),
  )
  expect(
    descendantsOf([2], table)
      .map((e) => e.pid)
      .toSorted((a, b) => a - b),
  ).toEqual([3, 5, 6])
  expect(
    descendantsOf([4, 3], table)
      .map((e) => e.pid)
      .toSorted((a, b) => a - b),
  ).toEqual([5, 6])
})

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

describe.skipIf(!PROC_SUPPORTED)('on this machine', () => {
  test('this process is found, alive, with its parent, CPU time, memory and environment', () => {
    const own = readProcess(process.pid)
    expect(own).toMatchObject({ pid: process.pid, ppid: process.ppid, zombie: false })
    expect(own && isAlive(own)).toBe(true)
    // Children that this process has reaped count as well, so that only its growth can be compared.
    const before = process.cpuUsage()
    while (cpuSecondsSince(before) < 0.3) Math.sqrt(Math.random())
    expect((readProcess(process.pid)?.cpuS ?? 0) - (own?.cpuS ?? 0)).toBeCloseTo(cpuSecondsSince(before), 1)
    expect(listProcesses().get(process.pid)?.birth).toBe(own?.birth)
    const memory = memoryOf(process.pid)
    expect(memory?.rssBytes).toBeGreaterThan(10 * 2 ** 20)
    expect(memory?.pssBytes).toBeLessThanOrEqual(memory?.rssBytes ?? 0)
    expect(environmentOf(process.pid, 'PATH')).toBeTruthy()
    expect(environmentOf(process.pid, 'FORKWISE_SURELY_UNSET')).toBeNull()
  })

  test('the same pid with another birth is not alive, and no process has pid 0', () => {
    expect(isAlive({ pid: process.pid, birth: '1' })).toBe(false)
    expect(readProcess(0)).toBeNull()
    expect(memoryOf(0)).toBeNull()
  })

  test('the machine has been busy and idle', () => {
    const cpu = hostCpu()
    expect(cpu?.busyS).toBeGreaterThan(0)
    expect(cpu?.idleS).toBeGreaterThan(0)
    expect(cpu?.stealS).toBeGreaterThanOrEqual(0)
  })
})
