import { expect, test } from 'vitest'
import { unitConfiguration } from '../../cluster/nginx-unit.ts'

const CONFIGURATION = unitConfiguration({
  host: '127.0.0.1',
  port: 8300,
  size: { workers: 3, threads: 1 },
  nodePath: '/opt/node/bin/node',
  loader: '/usr/lib/node_modules/unit-http',
  env: { FORKWISE_LAUNCH_ID: 'abc' },
})

test('one listener on the address asked for passes to as many processes as workers, in the launch’s environment', () => {
  expect(CONFIGURATION).toMatchObject({
    listeners: { '127.0.0.1:8300': { pass: 'applications/app' } },
    applications: {
      app: { executable: '/opt/node/bin/node', processes: 3, environment: { FORKWISE_LAUNCH_ID: 'abc' } },
    },
  })
})

test('every process runs the app with Unit’s server in the place of Node’s', () => {
  expect(JSON.stringify(CONFIGURATION)).toMatch(
    /unit-http\/loader\.mjs","--require","[^"]*unit-http\/loader\.js","[^"]*dist\/server\/unit-process\.js"/,
  )
})
