import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { measureNetwork, summaryOf } from '../../agents/network.ts'

test('round trips are told by their median and by what lies between the outer tenths', () => {
  expect(summaryOf([])).toBeNull()
  expect(summaryOf([3])).toEqual({ samples: 1, roundTripMs: 3, jitterMs: 0 })
  const roundTripsMs = Array.from({ length: 101 }, (_, i) => (i * 37) % 101)
  expect(summaryOf(roundTripsMs)).toEqual({ samples: 101, roundTripMs: 50, jitterMs: 80 })
})

test('connections to every target are opened and closed again; where nothing listens, nothing is known', async () => {
  let opened = 0
  const server = createServer((socket) => {
    opened++
    socket.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const network = await measureNetwork([target], 20_000)
  expect(network?.samples).toBe(15)
  expect(network?.roundTripMs).toBeGreaterThan(0)
  await new Promise((resolve) => server.close(resolve))
  expect(opened).toBe(15)
  expect(await measureNetwork([target], 20_000)).toBeNull()
})
