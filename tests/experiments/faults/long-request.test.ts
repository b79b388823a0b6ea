import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sendLongRequest } from '../../../experiments/faults/long-request.ts'

const servers: http.Server[] = []
beforeEach(() => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal)
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: http.RequestListener): Promise<{ targets: readonly URL[] }> {
  const server = http.createServer(answer).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return { targets: [new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)] }
}

const { signal } = new AbortController()

/** Seconds that no answer here takes, on whatever machine. */
const PATIENCE_S = 600

test('an answer is its status', async () => {
  const server = await serve((_, response) => void response.writeHead(502).end('no'))
  expect(await sendLongRequest(server, signal).end(PATIENCE_S)).toEqual({ status: 502, error: null })
})

test('a job is asked for in the end, at its address', async () => {
  const server = await serve((request, response) => {
    const job = request.url === '/jobs/7'
    response.writeHead(job ? 500 : 202, job ? {} : { location: '/jobs/7' }).end()
  })
  expect(await sendLongRequest(server, signal).end(PATIENCE_S)).toEqual({ status: 202, error: null, jobStatus: 500 })
})

test('a connection that is reset, also in the middle of an answer, is an error', async () => {
  const reset = await serve((request) => void request.socket.resetAndDestroy())
  expect(await sendLongRequest(reset, signal).end(PATIENCE_S)).toEqual({ status: null, error: 'ECONNRESET' })
  const cut = await serve((request, response) => {
    response.writeHead(200, { 'content-length': '9' })
    response.write('half', () => void request.socket.resetAndDestroy())
  })
  expect(await sendLongRequest(cut, signal).end(PATIENCE_S)).toEqual({ status: null, error: 'ECONNRESET' })
})

test('one without an answer is given up, as soon as nobody waits for it any more', async () => {
  const server = await serve(() => undefined)
  expect(await sendLongRequest(server, signal).end(0)).toEqual({ status: null, error: null })
  expect(await sendLongRequest(server, AbortSignal.abort()).end(PATIENCE_S)).toEqual({ status: null, error: null })
})
