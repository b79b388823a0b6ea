import { expect, test } from 'vitest'
import { wattConfiguration } from '../../cluster/watt.ts'

const CONFIGURATION = wattConfiguration({ host: '127.0.0.1', port: 8300, workers: 3, graceS: 5 })

test('the workers share the port asked for, and each has more time to end than its requests', () => {
  expect(CONFIGURATION).toMatchObject({
    server: { hostname: '127.0.0.1', port: 8300 },
    workers: 3,
    reuseTcpPorts: true,
    gracefulShutdown: { runtime: 7000, application: 7000 },
  })
})

test('nothing that listens elsewhere, calls home or replaces a busy thread is on', () => {
  expect(CONFIGURATION).toMatchObject({
    managementApi: false,
    metrics: false,
    healthProbes: false,
    health: { enabled: false },
    watch: false,
  })
  expect(CONFIGURATION).not.toHaveProperty('telemetry')
})
