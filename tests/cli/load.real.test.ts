import { readFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord } from '../../core/load.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { startKnownServer, type KnownServer } from '../../loadtest/calibration/known-server-process.ts'
import { makePlace, type Place } from './forkwise-process.ts'

const TLS = join(PACKAGE_ROOT, 'tests/fixtures/tls')

let server: KnownServer
let place: Place

beforeAll(async () => {
  server = await startKnownServer()
  place = makePlace()
})
afterAll(async () => {
  await server.stop()
  expect(place.processes()).toEqual([])
  place.remove()
})

function at(path: string): string {
  return new URL(path, server.url).href
}

describe('forkwise load', () => {
  test('closed loop: nothing on stdout but the record, with --json', async () => {
    const { code, stdout, stderr } = await place.run(['load', at('/wait?ms=5'), '-d', '500ms', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const record = JSON.parse(stdout) as LoadRecord
    expect(record).toMatchObject({ schema: 'forkwise/load@1', load: { kind: 'closed', connections: 10 } })
    expect(record.ok).toBeGreaterThan(0)
  })

  test('open loop: the table, and the latencies in both formats', async () => {
    const words = ['load', at('/wait?ms=5'), '--rate', '100', '--duration', '600ms', '--seed', '3']
    const { code, stdout } = await place.run([...words, '--hdr', 'latencies.hlog'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/open loop, 100\/s Poisson for 600 ms, seed 3, sent by undici/)
    expect(stdout).toMatch(/\nlatency +\d/)
    const log = readFileSync(join(place.dir, 'latencies.hlog'), 'utf8')
    const encoded = log.trim().split('\n').at(-1)?.split(',').at(-1) ?? ''
    expect(LatencyHistogram.fromBase64(encoded).count).toBeGreaterThan(30)
    await place.run([...words, '--hdr', 'latencies.hgrm'])
    expect(readFileSync(join(place.dir, 'latencies.hgrm'), 'utf8')).toMatch(/Value +Percentile +TotalCount/)
  })

  test('latencies that could not be written are refused before any load', async () => {
    const { code, stdout, stderr } = await place.run([
      'load',
      at('/now'),
      '-d',
      '1m',
      '--hdr',
      'nowhere/latencies.hlog',
    ])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('Expected `--hdr` to name a file that can be written, got "nowhere/latencies.hlog"')
  })

  test('the same seed sends the same arrivals', async () => {
    const words = ['load', at('/now'), '--rate', '150', '-d', '400ms', '--seed', '9', '--json']
    const [first, second] = [await place.run(words), await place.run(words)]
    const scheduledOf = (stdout: string): number => (JSON.parse(stdout) as LoadRecord).scheduled
    expect(scheduledOf(first.stdout)).toBe(scheduledOf(second.stdout))
  })

  test('method, headers, body and expected status arrive', async () => {
    const words = ['load', at('/redirect'), '--rate', '50', '-d', '300ms', '--body', 'x=1', '--expect', '302', '--json']
    const { code, stdout } = await place.run([...words, '-H', 'content-type: text/plain'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ non2xx: 0, connectionErrors: 0, timeouts: 0 })
  })

  test.each([
    { what: 'a redirect', path: '/redirect', says: /status 302/, hint: /--expect/ },
    { what: 'half an answer', path: '/half', says: /closed in the middle of an answer/, hint: /timeout/ },
    { what: 'no answer in time', path: '/never?share=1', says: /no complete answer within 0\.3 s/, hint: /timeout/ },
  ])('$what: counted, and exit code 4', async ({ path, says, hint }) => {
    const { code, stdout, stderr } = await place.run(['load', at(path), '-d', '700ms', '--timeout', '300ms'])
    expect(code).toBe(4)
    expect(stderr).toMatch(says)
    expect(stderr).toMatch(hint)
    expect(stdout).toMatch(/0 ok/)
  })

  test('another protocol is unreachable, exit code 4', async () => {
    const { code, stderr } = await place.run(['load', at('/garbage')])
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringMatching(/not HTTP/) as string })
  })

  test('Ctrl-C: what was counted so far, exit code 130, and nothing is left', async () => {
    const run = place.start(['load', at('/wait?ms=5'), '--rate', '100', '-d', '600s', '--json'])
    const { arrived } = await server.counts()
    await expect.poll(async () => (await server.counts()).arrived).toBeGreaterThan(arrived + 40)
    run.child.kill('SIGINT')
    const { code, stdout } = await run.ended
    expect(code).toBe(130)
    const record = JSON.parse(stdout) as LoadRecord
    expect(record.ok).toBeGreaterThan(10)
    expect(record.unsent).toBeGreaterThan(record.scheduled / 2)
    expect(place.processes()).toEqual([])
  })

  test('killed without warning: its generator ends by itself', async () => {
    const run = place.start(['load', at('/wait?ms=5'), '-d', '60s'])
    const { arrived } = await server.counts()
    await expect.poll(async () => (await server.counts()).arrived).toBeGreaterThan(arrived + 40)
    expect(place.processes().length).toBe(2)
    run.child.kill('SIGKILL')
    await run.ended
    await expect.poll(() => place.processes()).toEqual([])
  })
})

describe('bad targets', () => {
  test('nothing listens: exit code 4, at once', async () => {
    const { code, stderr } = await place.run(['load', 'http://127.0.0.1:1/', '-d', '60s'])
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/nothing listens there/) as string })
  })
})

describe('https', () => {
  let secure: Server
  let port = 0

  beforeAll(async () => {
    secure = createServer(
      { key: readFileSync(join(TLS, 'key.pem')), cert: readFileSync(join(TLS, 'certificate.pem')) },
      (_request, response) => response.end('ok'),
    )
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    port = (secure.address() as { port: number }).port
  })
  afterAll(() => {
    secure.closeAllConnections()
    secure.close()
  })

  const trusting = { NODE_EXTRA_CA_CERTS: join(TLS, 'certificate.pem') }

  test.each([{ words: ['--connections', '3'] }, { words: ['--rate', '50'] }])(
    'a certificate that is trusted and fits: $words',
    async ({ words }) => {
      const run = await place.run(['load', `https://localhost:${port}/`, '-d', '400ms', '--json', ...words], trusting)
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
      expect(JSON.parse(run.stdout)).toMatchObject({ connectionErrors: 0, non2xx: 0 })
    },
  )

  test.each([
    {
      what: 'nobody vouches for it',
      url: 'https://localhost',
      env: {},
      says: /certificate is not accepted: self-signed/,
    },
    {
      what: 'it is for another name',
      url: 'https://127.0.0.1',
      env: trusting,
      says: /certificate is not accepted:.*altnames/,
    },
  ])('refused: $what', async ({ url, env, says }) => {
    const { code, stderr } = await place.run(['load', `${url}:${port}/`, '-d', '400ms'], env)
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(says) as string })
  })

  test('refused: the server speaks no TLS', async () => {
    const plain = createPlainServer((_request, response) => response.end('ok'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const address = `https://127.0.0.1:${(plain.address() as { port: number }).port}/`
    const { code, stderr } = await place.run(['load', address, '-d', '400ms'])
    plain.close()
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/does not speak TLS/) as string })
  })

  test('http where https is spoken: errors, counted', async () => {
    const { code, stderr } = await place.run(['load', `http://localhost:${port}/`, '-d', '400ms'])
    expect(code).toBe(4)
    expect(stderr).toMatch(/closed without an answer|ECONNRESET|status 400|not HTTP/)
  })
})
