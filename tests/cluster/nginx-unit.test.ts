import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { configure, unitConfiguration, untilIdle } from '../../cluster/nginx-unit.ts'

const CONFIGURATION = unitConfiguration({
  host: '127.0.0.1',
  port: 8300,
  size: { workers: 3, threads: 1 },
  nodePath: '/opt/node/bin/node',
  module: '/usr/lib/node_modules/unit-http',
  env: { FORKWISE_LAUNCH_ID: 'abc' },
  cwd: '/home/app',
})

test('one listener on the address asked for passes to as many processes as workers, in the launch’s environment', () => {
  expect(CONFIGURATION).toMatchObject({
    listeners: { '127.0.0.1:8300': { pass: 'applications/app' } },
    applications: {
      app: {
        executable: '/opt/node/bin/node',
        processes: 3,
        working_directory: '/home/app',
        environment: { FORKWISE_LAUNCH_ID: 'abc' },
      },
    },
  })
})

test('every process gets the address of Unit’s server, and loads nothing else before the app', () => {
  expect(JSON.stringify(CONFIGURATION)).toMatch(
    /"arguments":\["[^"]*server\/unit-process\.js","\/usr\/lib\/node_modules\/unit-http"\]/,
  )
})

describe('the control socket', () => {
  let dir = ''
  let server: http.Server
  let answers: { status: number; body: string }[] = []
  let asked: string[] = []
  const control = (): string => join(dir, 'ctl.sock')
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    dir = mkdtempSync(join(tmpdir(), 'fw-'))
    asked = []
    server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const { status, body } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 200, body: '{}' }
      request.resume()
      response.writeHead(status).end(body)
    })
    server.listen(control())
    await once(server, 'listening')
  })
  afterEach(() => {
    vi.useRealTimers()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('a configuration that is not taken fails at once, in Unit’s words and with the end of its log', async () => {
    answers = [{ status: 500, body: '{"error":"Failed to apply new configuration."}' }]
    await expect(configure(control(), '/config', CONFIGURATION, () => 'no export named X')).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(
        /Failed to apply new configuration\.\nThe end of its log:\nno export named X/,
      ) as string,
    })
    expect(asked).toEqual(['PUT /config'])
  })

  const GRACE_MS = 10_000

  test('it is idle when no application has a request in hand', async () => {
    const status = (active: number): { status: number; body: string } => ({
      status: 200,
      body: JSON.stringify({ applications: { app: { requests: { active } } } }),
    })
    answers = [status(2), status(1), status(0)]
    await untilIdle(control(), performance.now() + GRACE_MS)
    expect(asked).toEqual(['GET /status', 'GET /status', 'GET /status'])
  })

  test('and when the grace is over it is not waited for any longer', async () => {
    answers = [{ status: 200, body: '{"applications":{"app":{"requests":{"active":1}}}}' }]
    server.on('request', () => vi.advanceTimersByTime(asked.length < 3 ? 1 : GRACE_MS))
    await untilIdle(control(), performance.now() + GRACE_MS)
    expect(asked).toHaveLength(3)
  })
})
