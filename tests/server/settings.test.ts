import os from 'node:os'
import { expect, test } from 'vitest'
import { ForkwiseError } from '../../core/errors.ts'
import { UNGUARDED } from '../../server/dependency-guard.ts'
import { readSettings } from '../../server/settings.ts'

test('by hand, without any variable, there are sane values', () => {
  expect(readSettings({})).toEqual({
    unitName: 'worker-1',
    launchId: null,
    launchDir: null,
    host: '127.0.0.1',
    port: 3000,
    reusePort: false,
    backlog: null,
    metrics: true,
    metricsPort: 0,
    executor: 'inline',
    poolSize: os.availableParallelism(),
    poolQueue: 1000,
    upstreamUrl: '',
    dependencyPolicy: UNGUARDED,
    derivationPolicy: { mostAtOnce: null, threads: null },
    brokerUrl: '',
    taskLockS: 20,
    appModule: null,
    appServedBy: null,
    appLoader: null,
    graceS: 5,
  })
})

test('every variable of the launch protocol is read', () => {
  const settings = readSettings({
    FORKWISE_LAUNCH_ID: 'abc',
    FORKWISE_LAUNCH_DIR: '/tmp/x',
    FORKWISE_UNIT: 'worker-3',
    HOST: '::1',
    PORT: '0',
    FORKWISE_REUSE_PORT: 'on',
    FORKWISE_BACKLOG: '64',
    FORKWISE_METRICS: 'off',
    FORKWISE_METRICS_PORT: '9000',
    FORKWISE_EXECUTOR: 'worker-pool',
    FORKWISE_POOL_SIZE: '3',
    FORKWISE_POOL_QUEUE: '0',
    FORKWISE_UPSTREAM: 'http://127.0.0.1:4000/',
    FORKWISE_UPSTREAM_DEADLINE_MS: '200',
    FORKWISE_UPSTREAM_CALLS: '8',
    FORKWISE_UPSTREAM_BREAKER: '5',
    FORKWISE_UPSTREAM_BREAKER_OPEN_S: '2.5',
    FORKWISE_UPSTREAM_SLOW_MS: '100',
    FORKWISE_HASHES_AT_ONCE: '2',
    FORKWISE_HASH_THREADS: '3',
    FORKWISE_BROKER: 'redis://127.0.0.1:6379',
    FORKWISE_TASK_LOCK_S: '2.5',
    FORKWISE_APP: '/srv/app.js',
    FORKWISE_APP_SERVED_BY: '8080',
    FORKWISE_APP_LOADER: 'file:///srv/tsx.mjs',
    FORKWISE_GRACE_S: '1.5',
  })
  expect(settings).toEqual({
    unitName: 'worker-3',
    launchId: 'abc',
    launchDir: '/tmp/x',
    host: '::1',
    port: 0,
    reusePort: true,
    backlog: 64,
    metrics: false,
    metricsPort: 9000,
    executor: 'worker-pool',
    poolSize: 3,
    poolQueue: 0,
    upstreamUrl: 'http://127.0.0.1:4000',
    dependencyPolicy: { deadlineMs: 200, mostCalls: 8, breakerFailures: 5, breakerOpenS: 2.5, slowMs: 100 },
    derivationPolicy: { mostAtOnce: 2, threads: 3 },
    brokerUrl: 'redis://127.0.0.1:6379',
    taskLockS: 2.5,
    appModule: '/srv/app.js',
    appServedBy: '8080',
    appLoader: 'file:///srv/tsx.mjs',
    graceS: 1.5,
  })
})

test('PM2’s instances get names of their own', () => {
  expect(readSettings({ NODE_APP_INSTANCE: '2' }).unitName).toBe('worker-3')
})

test('all wrong values are named at once, each with what was expected and what came', () => {
  const wrong = {
    FORKWISE_LAUNCH_DIR: 'relative',
    FORKWISE_UNIT: '../up',
    PORT: '70000',
    FORKWISE_METRICS: 'yes',
    FORKWISE_EXECUTOR: 'pool',
    FORKWISE_POOL_SIZE: '0',
    FORKWISE_UPSTREAM: 'localhost:1',
    FORKWISE_GRACE_S: '-1',
  }
  let thrown: unknown
  try {
    readSettings(wrong)
  } catch (error) {
    thrown = error
  }
  if (!(thrown instanceof ForkwiseError)) throw new Error('Expected a ForkwiseError.')
  expect(thrown.problems).toHaveLength(Object.keys(wrong).length)
  for (const [variable, value] of Object.entries(wrong)) {
    const problem = thrown.problems.find(({ message }) => message.includes(`\`${variable}\``))
    expect(problem?.message).toContain(`got "${value}"`)
  }
})
