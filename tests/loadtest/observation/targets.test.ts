import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Unit } from '../../../core/unit.ts'
import { fileSdGroups, targetsOf, writeFileSd } from '../../../loadtest/observation/targets.ts'

const LAUNCH = { model: 'nginx-fork', workload: 'cpu', trial: 'b01' }
const UNITS: readonly Unit[] = [
  { name: 'worker-1', role: 'worker', pid: 10, metricsUrl: 'http://127.0.0.1:4001/metrics' },
  { name: 'thread-1', role: 'thread', pid: 10, thread: 1 },
  { name: 'nginx', role: 'proxy', pid: 11 },
]

test('a unit with metrics is a target of its own, with its identity', () => {
  expect(targetsOf('r1', LAUNCH, UNITS)).toEqual([
    {
      url: new URL('http://127.0.0.1:4001/metrics'),
      labels: {
        run_id: 'r1',
        model: 'nginx-fork',
        workload: 'cpu',
        trial: 'b01',
        worker: 'worker-1',
        role: 'worker',
        job: 'forkwise',
        instance: '127.0.0.1:4001',
      },
    },
  ])
})

test('a process without metrics is found at the bridge, a thread in its process', () => {
  const targets = targetsOf('r1', { model: 'nginx-fork' }, UNITS, new URL('http://127.0.0.1:5000'))
  expect(targets.map(({ url, labels }) => [url.href, labels['worker'], labels['instance']])).toEqual([
    ['http://127.0.0.1:4001/metrics', 'worker-1', '127.0.0.1:4001'],
    ['http://127.0.0.1:5000/units/nginx/metrics', 'nginx', 'pid-11'],
  ])
  expect(targets[0]?.labels).not.toHaveProperty('trial')
})

test('file_sd groups name the path, leave the job to the configuration, and are written whole', () => {
  const dir = mkdtempSync(join(tmpdir(), 'forkwise-targets-'))
  try {
    writeFileSd(join(dir, 'units.json'), fileSdGroups(targetsOf('r1', { model: 'nginx-fork' }, UNITS)))
    expect(JSON.parse(readFileSync(join(dir, 'units.json'), 'utf8'))).toEqual([
      {
        targets: ['127.0.0.1:4001'],
        labels: {
          __metrics_path__: '/metrics',
          run_id: 'r1',
          model: 'nginx-fork',
          worker: 'worker-1',
          role: 'worker',
          instance: '127.0.0.1:4001',
        },
      },
    ])
    expect(readdirSync(dir)).toEqual(['units.json'])
  } finally {
    rmSync(dir, { recursive: true })
  }
})
