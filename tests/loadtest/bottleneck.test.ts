import { expect, test } from 'vitest'
import type { ProcessUsage } from '../../core/records.ts'
import { type BottleneckEvidence, findBottleneck } from '../../loadtest/bottleneck.ts'

function usage(role: ProcessUsage['role'], cpuS: number): ProcessUsage {
  return { name: role, role, pid: 1, cpuS, rssBytes: 0, pssBytes: null }
}

const HOST = { wallS: 1, foreignCores: 0.02, stealRatio: 0, generatorCores: 0.3, dependencyCores: 0, throttled: null }

const IDLE: BottleneckEvidence = {
  cores: 2,
  wallS: 1,
  server: [usage('worker', 0.2)],
  host: HOST,
  generatorUtilization: 0.3,
  connections: 16,
  p50Ms: 80,
  floorMs: 50,
  workers: 1,
}

test.each<[string, Partial<BottleneckEvidence>, string]>([
  ['one busy worker on two cores', { server: [usage('worker', 0.99)] }, 'workers'],
  [
    'two workers that fill the machine with the generator',
    { server: [usage('worker', 0.8), usage('worker', 0.8)], workers: 2 },
    'machine',
  ],
  [
    'two busy workers on four cores',
    { cores: 4, server: [usage('worker', 0.97), usage('worker', 0.97)], workers: 2 },
    'workers',
  ],
  [
    'four busy workers on the three CPUs that the server has of four',
    { cores: 4, serverCpus: 3, workers: 4, p50Ms: 160, ratePerS: 40, server: [usage('worker', 2.95)] },
    'machine',
  ],
  [
    'two busy workers on the three CPUs that the server has of four',
    { cores: 4, serverCpus: 3, workers: 2, server: [usage('worker', 0.97), usage('worker', 0.97)] },
    'workers',
  ],
  ['a busy proxy', { server: [usage('proxy', 0.95), usage('worker', 0.3)] }, 'proxy'],
  ['a busy primary', { server: [usage('supervisor', 0.95), usage('worker', 0.3)] }, 'supervisor'],
  ['a busy generator', { generatorUtilization: 0.97, host: { ...HOST, generatorCores: 0.97 } }, 'generator'],
  ['a busy dependency', { host: { ...HOST, dependencyCores: 0.95 } }, 'dependency'],
  ['latency at its floor', { p50Ms: 51 }, 'connections'],
  ['two sync workers that wait all the time', { connections: 8, concurrency: 2, ratePerS: 37, floorMs: 52 }, 'workers'],
  ['two sync workers of which one waits', { connections: 8, concurrency: 2, ratePerS: 19, floorMs: 52 }, 'unknown'],
  ['nothing full, and no rate to determine what is worked on at once', {}, 'unknown'],
  [
    'a pool of ten in each of two workers',
    { connections: 64, workers: 2, p50Ms: 160, floorMs: 50, ratePerS: 400 },
    'app',
  ],
  [
    'a database of one thread that is full, which the app calls',
    {
      connections: 64,
      workers: 2,
      p50Ms: 300,
      floorMs: 25,
      ratePerS: 230,
      host: { ...HOST, appDependencyCores: 0.96 },
    },
    'dependency',
  ],
  [
    'a database of several threads that use more than a core',
    {
      connections: 64,
      workers: 2,
      p50Ms: 160,
      floorMs: 50,
      ratePerS: 400,
      cores: 4,
      host: { ...HOST, appDependencyCores: 1.4 },
    },
    'app',
  ],
  ['latency not far above its floor', { connections: 64, p50Ms: 70, ratePerS: 400 }, 'unknown'],
  [
    'waiting while the worker is rather busy',
    { server: [usage('worker', 0.85)], p50Ms: 160, ratePerS: 400 },
    'unknown',
  ],
])('%s', (_sentence, evidence, limit) => {
  const found = findBottleneck({ ...IDLE, ...evidence })
  expect(found.limit).toBe(limit)
  expect(found.because).toMatch(/of \d cores busy|event loop/)
})

test('a limit inside the app is reported with how many requests were worked on at once', () => {
  const pool = { ...IDLE, connections: 64, workers: 2, p50Ms: 160, floorMs: 50, ratePerS: 400 }
  expect(findBottleneck(pool).because).toMatch(/about 20 were worked on at once, 10 for each worker \(400\/s × 50 ms\)/)
})

test('what the app calls is named among what was busy', () => {
  const host = { ...HOST, appDependencyCores: 0.5 }
  expect(findBottleneck({ ...IDLE, host }).because).toContain('1.02 of 2 cores busy')
  expect(findBottleneck({ ...IDLE, host }).because).toContain('what the app calls 0.5')
})
