import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { resolveLoopback } from '../../cluster/loopback.ts'

/** Where localhost leads while a server listens on one of its meanings. */
async function meaningOf(host: string): Promise<string> {
  const server = http.createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = await resolveLoopback(new URL(`http://localhost:${port}/x?y=1`))
  server.close()
  return url.href.replace(String(port), 'PORT')
}

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

test('localhost is the address that a server listens on', async () => {
  expect(await meaningOf('127.0.0.1')).toBe('http://127.0.0.1:PORT/x?y=1')
})

test.skipIf(!hasIpv6)('localhost is [::1] where a server listens on that alone', async () => {
  expect(await meaningOf('::1')).toBe('http://[::1]:PORT/x?y=1')
})

test('other addresses stay as they are', async () => {
  expect((await resolveLoopback(new URL('http://127.0.0.1:9/'))).href).toBe('http://127.0.0.1:9/')
})
