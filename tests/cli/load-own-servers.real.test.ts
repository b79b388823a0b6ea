import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LoadRecord } from '../../core/load.ts'
import { makePlace, type Place } from './forkwise-process.ts'

/** Both loops, short. */
const LOOPS = [
  ['closed loop', ['--connections', '2']],
  ['open loop', ['--rate', '50']],
] as const

let place: Place
let server: http.Server | null = null

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
  expect(place.processes()).toEqual([])
  place.remove()
})

/** Address of a server that answers as set. */
async function serve(listener: http.RequestListener, host: string = '127.0.0.1'): Promise<string> {
  server = http.createServer(listener).listen(0, host)
  await once(server, 'listening')
  return `http://${host === '::1' ? 'localhost' : host}:${(server.address() as AddressInfo).port}/`
}

async function load(url: string, ...words: readonly string[]): Promise<LoadRecord & { problems?: unknown[] }> {
  const { stdout } = await place.run(['load', url, '-d', '600ms', '--json', ...words])
  return JSON.parse(stdout) as LoadRecord
}

describe.each(LOOPS)('%s', (_name, loop) => {
  test('a body of bytes arrives as it is in the file', async () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))
    writeFileSync(join(place.dir, 'image.bin'), bytes)
    const seen = new Set<string>()
    const url = await serve((request, response) => {
      const hash = createHash('sha1')
      request.on('data', (chunk: Buffer) => hash.update(chunk))
      request.on('end', () => {
        seen.add(hash.digest('hex'))
        response.end('ok')
      })
    })
    const { ok } = await load(url, ...loop, '--body', '@image.bin', '-H', 'content-type: image/png')
    expect(ok).toBeGreaterThan(0)
    expect([...seen]).toEqual([createHash('sha1').update(bytes).digest('hex')])
  })

  test('a header that is given twice arrives with both values', async () => {
    const seen = new Set<string | undefined>()
    const url = await serve(({ headers }, response) => {
      seen.add(headers.accept)
      response.end('ok')
    })
    await load(url, ...loop, '-H', 'Accept: text/html', '-H', 'accept: text/plain')
    expect([...seen]).toEqual(['text/html, text/plain'])
  })

  test('103 and 102 are no answers; an unasked 100 is an error in words', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/hints') response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      if (request.url === '/processing') response.writeProcessing()
      if (request.url === '/continue') response.writeContinue()
      response.end('final')
    })
    for (const path of ['hints', 'processing']) {
      const { ok, non2xx, connectionErrors } = await load(`${url}${path}`, ...loop)
      expect({ path, served: ok > 0, non2xx, connectionErrors }).toMatchObject({
        served: true,
        non2xx: 0,
        connectionErrors: 0,
      })
    }
    const { ok, errorSamples } = await load(`${url}continue`, ...loop)
    expect(ok).toBe(0)
    expect(errorSamples.map(({ message }) => message)).toEqual(['100 Continue, which no request had asked for'])
  })

  test('a load without any good answer is one document, which says so', async () => {
    const url = await serve((_request, response) => response.writeHead(404).end('no'))
    const run = await place.run(['load', url, '-d', '400ms', '--json', ...loop])
    expect(run.code).toBe(4)
    expect(JSON.parse(run.stdout)).toMatchObject({
      schema: 'forkwise/load@1',
      problems: [{ message: expect.stringContaining('status 404') as string }],
    })
    expect(run.stderr).toContain('No request was answered as expected')
  })
})

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

test.skipIf(!hasIpv6)('localhost reaches a server that listens on ::1 alone, by its name', async () => {
  const seen = new Set<string | undefined>()
  const url = await serve(({ headers }, response) => {
    seen.add(headers.host)
    response.end('six')
  }, '::1')
  for (const [, loop] of LOOPS) expect((await load(url, ...loop)).ok).toBeGreaterThan(0)
  expect([...seen]).toEqual([new URL(url).host])
})
