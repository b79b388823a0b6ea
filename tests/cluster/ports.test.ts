import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { findFreePorts, requireFreePorts } from '../../cluster/ports.ts'

test('finds consecutive ports that can be listened on, below those of outgoing connections', async () => {
  const first = await findFreePorts('127.0.0.1', 3)
  expect(first).toBeGreaterThan(1024)
  expect(first + 2).toBeLessThan(32_768)
  await requireFreePorts('127.0.0.1', first, 3)
})

test('names the one port of a range that is taken', async () => {
  const first = await findFreePorts('127.0.0.1', 3)
  const taken = createServer().listen(first + 2, '127.0.0.1')
  await once(taken, 'listening')
  await expect(requireFreePorts('127.0.0.1', first, 3)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `Expected \`--port ${first}\` to be free on 127.0.0.1 up to ${first + 2}; something listens on ${first + 2}.`,
  })
  await requireFreePorts('127.0.0.1', first, 2)
  taken.close()
})

test('a port on which all addresses are listened to is taken on each of them', async () => {
  const taken = createServer().listen(0, '0.0.0.0')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  await expect(requireFreePorts('127.0.0.1', port, 1)).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  taken.close()
})
