import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DependencyFailed } from '../../../server/handler.ts'
import { handler } from '../../../server/handlers/io-upstream.ts'
import { idleContext } from '../idle-context.ts'

/** A dependency that misbehaves as its path asks it to, and never closes an idle connection. */
const dependency = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const ms = Number(new URL(request.url ?? '', 'http://x').searchParams.get('ms'))
  if (ms === 1) response.writeHead(500).end('{}')
  else if (ms === 2) response.end('no JSON')
  else if (ms === 3) request.socket.destroy()
  else if (ms === 4) response.write('{"waited', () => setTimeout(() => response.end('Ms":4}'), 5))
  else response.end(`{"waitedMs":${ms}}`)
})
let upstreamUrl = ''

beforeAll(async () => {
  dependency.listen(0, '127.0.0.1')
  await once(dependency, 'listening')
  upstreamUrl = `http://127.0.0.1:${(dependency.address() as AddressInfo).port}`
})
afterAll(() => {
  dependency.close()
  dependency.closeAllConnections()
})

test.each([7, 4])('what the dependency says is passed on, in one piece or in several', async (ms) => {
  expect(await handler.run({ ms }, idleContext({ upstreamUrl }))).toEqual({ ms, upstream: { waitedMs: ms } })
})

test('calls at once use connections of their own, later ones the same again', async () => {
  const sockets = new Set<unknown>()
  dependency.on('connection', (socket) => sockets.add(socket))
  const call = (): unknown => handler.run({ ms: 7 }, idleContext({ upstreamUrl }))
  await Promise.all(Array.from({ length: 8 }, call))
  const opened = sockets.size
  await Promise.all(Array.from({ length: 8 }, call))
  expect(opened).toBeGreaterThan(1)
  expect(sockets.size).toBe(opened)
})

test.each([
  ['another status', 1],
  ['what is no JSON', 2],
  ['nothing', 3],
])('a dependency that answers with %s has failed', async (_what, ms) => {
  await expect(handler.run({ ms }, idleContext({ upstreamUrl }))).rejects.toThrow(DependencyFailed)
})

test('a dependency that is not there has failed', async () => {
  await expect(handler.run({ ms: 1 }, idleContext({ upstreamUrl: 'http://127.0.0.1:1' }))).rejects.toMatchObject({
    name: 'DependencyFailed',
    cause: { code: 'ECONNREFUSED' },
  })
})
