import { describe, expect, test } from 'vitest'
import { cpuList, cpusIn } from '../../core/cores.ts'
import { readCpuTopology } from '../../loadtest/cpu-topology.ts'
import { placementFor, placementText, serverCores } from '../../loadtest/placement.ts'

/** What a machine's kernel says of itself, as far as placement reads it. */
interface Shape {
  readonly allowed: string
  /** Threads that share a core, as lists of siblings. */
  readonly siblings?: readonly string[]
  readonly nodes?: Readonly<Record<number, string>>
  readonly efficiency?: string
  readonly capacities?: Readonly<Record<number, number>>
  readonly files?: Readonly<Record<string, string>>
}

function treeOf({
  allowed,
  siblings = [],
  nodes = {},
  efficiency,
  capacities = {},
  files = {},
}: Shape): (path: string) => string | null {
  const tree: Record<string, string> = {
    '/proc/self/status': `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${allowed}\nMems_allowed_list:\t0\n`,
    ...files,
  }
  for (const list of siblings) {
    for (const cpu of cpusIn(list))
      tree[`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`] = `${list}\n`
  }
  const numbers = Object.keys(nodes)
  if (numbers.length > 0) tree['/sys/devices/system/node/online'] = `${cpuList(numbers.map(Number))}\n`
  for (const [node, list] of Object.entries(nodes)) tree[`/sys/devices/system/node/node${node}/cpulist`] = `${list}\n`
  if (efficiency !== undefined) tree['/sys/devices/cpu_atom/cpus'] = `${efficiency}\n`
  for (const [cpu, capacity] of Object.entries(capacities)) {
    tree[`/sys/devices/system/cpu/cpu${cpu}/cpu_capacity`] = `${capacity}\n`
  }
  return (path) => tree[path] ?? null
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const pairs = (cores: number, offset: number): string[] => range(0, cores - 1).map((cpu) => `${cpu},${cpu + offset}`)

/** Shapes of real machines, and what they give: CPUs of generator and server, or null where they share. */
const SHAPES: readonly (readonly [
  name: string,
  shape: Shape,
  placement: [number[], number[]] | null,
  workers: number,
])[] = [
  ['two vCPUs', { allowed: '0-1' }, null, 2],
  ['one CPU by `taskset -c 1`', { allowed: '1' }, null, 1],
  ['eight plain cores', { allowed: '0-7' }, [range(0, 1), range(2, 7)], 6],
  ['a container with the cpuset 8-15', { allowed: '8-15' }, [range(8, 9), range(10, 15)], 6],
  ['a CI runner with four vCPUs on two physical cores', { allowed: '0-3', siblings: ['0-1', '2-3'] }, null, 4],
  [
    'a laptop with six performance cores of two threads and eight efficiency cores',
    {
      allowed: '0-19',
      siblings: ['0-1', '2-3', '4-5', '6-7', '8-9', '10-11', ...range(12, 19).map(String)],
      efficiency: '12-19',
    },
    [range(12, 19), range(0, 11)],
    12,
  ],
  [
    'a phone-like board with four little and four big cores',
    { allowed: '0-7', capacities: { 0: 400, 1: 400, 2: 400, 3: 400, 4: 1024, 5: 1024, 6: 1024, 7: 1024 } },
    [range(0, 3), range(4, 7)],
    4,
  ],
  [
    'two EPYC sockets of eight cores with two threads each',
    { allowed: '0-31', siblings: pairs(16, 16), nodes: { 0: '0-7,16-23', 1: '8-15,24-31' } },
    [
      [...range(0, 3), ...range(16, 19)],
      [...range(4, 15), ...range(20, 31)],
    ],
    24,
  ],
  [
    'a Kubernetes pod with a static CPU policy: whole cores, scattered, under a quota that fits them',
    {
      allowed: '4-7,20-23',
      siblings: pairs(16, 16),
      files: { '/proc/self/cgroup': '0::/pod\n', '/sys/fs/cgroup/pod/cpu.max': '800000 100000\n' },
    },
    [
      [4, 20],
      [5, 6, 7, 21, 22, 23],
    ],
    6,
  ],
  [
    'half of one thread of each core, as some pods get',
    { allowed: '0-7', siblings: pairs(8, 8) },
    [range(0, 1), range(2, 7)],
    6,
  ],
  [
    'sixteen cores under a quota of 1.5',
    {
      allowed: '0-15',
      files: { '/proc/self/cgroup': '0::/box\n', '/sys/fs/cgroup/box/cpu.max': '150000 100000\n' },
    },
    null,
    1,
  ],
  [
    'two cores under a quota of 0.5',
    {
      allowed: '0-1',
      files: {
        '/proc/self/cgroup': '3:cpu,cpuacct:/box\n',
        '/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '50000\n',
        '/sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000\n',
      },
    },
    null,
    1,
  ],
]

describe('placement', () => {
  test.each(SHAPES)('on %s', (_, shape, expected, workers) => {
    const topology = readCpuTopology(treeOf(shape))
    const placement = placementFor(topology)
    expect(placement === null ? null : [placement.generator, placement.server]).toEqual(expected)
    expect(serverCores(topology)).toBe(workers)
  })

  test.each(SHAPES)(
    'never splits a core, leaves none unused, and stays within the affinity mask, on %s',
    (_, shape) => {
      const topology = readCpuTopology(treeOf(shape))
      const placement = placementFor(topology)
      if (placement === null) return
      const { generator, server } = placement
      const allowed = topology.cores.flatMap(({ cpus }) => cpus)
      expect([...generator, ...server].toSorted((a, b) => a - b)).toEqual(allowed.toSorted((a, b) => a - b))
      for (const { cpus } of topology.cores) {
        expect([cpus.every((cpu) => generator.includes(cpu)), cpus.every((cpu) => server.includes(cpu))]).toContain(
          true,
        )
      }
    },
  )

  test('is described in a sentence', () => {
    const sentence = (shape: Shape): string => {
      const topology = readCpuTopology(treeOf(shape))
      return placementText(topology, placementFor(topology))
    }
    expect(sentence({ allowed: '1' })).toBe('Generator and server share CPU 1.')
    expect(sentence({ allowed: '0-3', siblings: ['0-1', '2-3'] })).toBe(
      'Generator and server share CPUs 0-3, 2 physical cores.',
    )
    expect(sentence(SHAPES[7]?.[1] ?? { allowed: '' })).toBe(
      'The generator has CPUs 0-3,16-19, the server CPUs 4-15,20-31, 16 physical cores, on 2 NUMA nodes.',
    )
    expect(sentence(SHAPES[10]?.[1] ?? { allowed: '' })).toBe(
      'Generator and server share CPUs 0-15; a CPU quota allows 1.5.',
    )
  })
})

test('lists of CPUs are read and written as the kernel does', () => {
  expect(cpusIn('0-2,8,10-11\n')).toEqual([0, 1, 2, 8, 10, 11])
  expect(cpusIn('')).toEqual([])
  expect(cpuList([11, 0, 1, 2, 8, 10])).toBe('0-2,8,10-11')
})
