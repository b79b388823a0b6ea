import { describe, expect, test } from 'vitest'
import { cpuQuotaCores, timesThrottled } from '../../loadtest/cpu-quota.ts'

const reading =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | null =>
    files[path] ?? null

describe('version 2', () => {
  const files = {
    '/proc/self/cgroup': '0::/pod/box\n',
    '/sys/fs/cgroup/pod/box/cpu.max': 'max 100000\n',
    '/sys/fs/cgroup/pod/box/cpu.stat': 'usage_usec 12\nnr_periods 3\nnr_throttled 2\nthrottled_usec 9\n',
    '/sys/fs/cgroup/pod/cpu.max': '150000 100000\n',
    '/sys/fs/cgroup/pod/cpu.stat': 'usage_usec 12\nnr_periods 30\nnr_throttled 5\nthrottled_usec 9\n',
    '/sys/fs/cgroup/cpu.stat': 'usage_usec 12\n',
  }

  test('an ancestor may hold the quota', () => {
    expect(cpuQuotaCores(reading(files))).toBe(1.5)
  })

  test('throttling of the group and its ancestors adds up', () => {
    expect(timesThrottled(reading(files))).toBe(7)
  })
})

describe('version 1', () => {
  const files = {
    '/proc/self/cgroup': '4:memory:/a\n3:cpu,cpuacct:/box\n0::/\n',
    '/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us': '200000\n',
    '/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/cpu,cpuacct/box/cpu.stat': 'nr_periods 0\nnr_throttled 4\nthrottled_time 0\n',
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
  }

  test('the quota is in two files', () => {
    expect(cpuQuotaCores(reading(files))).toBe(2)
    expect(timesThrottled(reading(files))).toBe(4)
  })
})

test('without control groups nothing is known', () => {
  expect(cpuQuotaCores(reading({}))).toBeNull()
  expect(timesThrottled(reading({}))).toBeNull()
})
