import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WorkloadRequest } from '../../../core/load.ts'
import { type Arrival, OpenConnections, type PoolPolicy } from '../../../loadtest/drivers/open-connections.ts'
import type { Ending } from '../../../loadtest/drivers/recorder.ts'

const MIX: readonly WorkloadRequest[] = [
  { route: '/', method: 'GET', path: '/', weight: 1, expectStatus: 200 },
  { route: '/broken', method: 'GET', path: '/broken', weight: 1, expectStatus: 200 },
]

let server: Server
let target = ''
let opened = 0

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/broken') request.socket.destroy()
    else setTimeout(() => response.end('ok'), 3)
  })
  server.on('connection', () => opened++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

interface Followed {
  readonly arrival: Arrival
  readonly sentMs: readonly number[]
  readonly ending: Ending
  readonly latenessUs: number
}

/** Sends requests (indexes of the mix) one after the other, or all at once, and follows each to its end. */
async function follow(
  requests: readonly number[],
  together: boolean,
  other: Partial<PoolPolicy> = {},
  between: (connections: OpenConnections, place: number) => void = () => undefined,
): Promise<Followed[]> {
  const sent = new Map<number, number[]>()
  const followed: Followed[] = []
  let wake = (): void => undefined
  const policy: PoolPolicy = {
    timeoutMs: 60_000,
    maxConnections: 2,
    minConnections: 0,
    requestsPerConnection: null,
    closesSilently: false,
    ...other,
  }
  const connections = new OpenConnections(target, MIX, policy, {
    sent: ({ place }, sentMs) => void sent.set(place, [...(sent.get(place) ?? []), sentMs]),
    ended: (arrival, ending, latenessUs) => {
      followed.push({ arrival, sentMs: sent.get(arrival.place) ?? [], ending, latenessUs })
      wake()
    },
  })
  const untilEnded = async (count: number): Promise<void> => {
    while (followed.length < count) await new Promise<void>((resolve) => (wake = resolve))
  }
  for (const [place, request] of requests.entries()) {
    connections.send({ place, request, intendedMs: performance.now(), counted: true })
    if (!together) await untilEnded(place + 1)
    between(connections, place)
  }
  await untilEnded(requests.length)
  expect(connections.unfinished).toBe(0)
  await connections.close()
  return followed
}

test.each([
  ['one after the other on a connection that is open', [0, 0, 0, 0], false],
  ['all at once, of which most wait for a connection', [0, 0, 0, 0, 0, 0], true],
  ['after a connection that the server has closed', [0, 1, 0, 1, 0], false],
])(
  'the instant of the send is told once, and service time and lateness count from it: %s',
  async (_, requests, together) => {
    const followed = await follow(requests, together)
    expect(followed).toHaveLength(requests.length)
    for (const { arrival, sentMs, ending, latenessUs } of followed) {
      expect(sentMs).toHaveLength(1)
      const [atMs = Number.NaN] = sentMs
      expect(latenessUs).toBeCloseTo((atMs - arrival.intendedMs) * 1000, 6)
      expect(ending.kind).toBe(arrival.request === 0 ? 'answer' : 'connection-error')
      // Latency counts from the intended instant and service time from the send: what lies between is the lateness.
      if (ending.kind === 'answer') expect(ending.latencyUs - ending.serviceUs).toBeCloseTo(latenessUs, 3)
    }
  },
)

test.each<[string, Partial<PoolPolicy>, number]>([
  ['one is used again and again', {}, 1],
  ['some are opened before one is used again', { maxConnections: 9, minConnections: 3 }, 3],
  ['each is closed after two requests', { requestsPerConnection: 2 }, 3],
  ['each is closed after one request', { requestsPerConnection: 1 }, 6],
])('connections of six requests, one after the other: %s', async (_, policy, count) => {
  const before = opened
  const followed = await follow([0, 0, 0, 0, 0, 0], false, policy)
  expect(followed.map(({ ending }) => ending.kind)).toEqual(Array(6).fill('answer'))
  expect(opened - before).toBe(count)
})

test('all that wait are sent although each connection is closed after its request', async () => {
  const before = opened
  const followed = await follow([0, 0, 0, 0, 0, 0], true, { requestsPerConnection: 1 })
  expect(followed.map(({ ending }) => ending.kind)).toEqual(Array(6).fill('answer'))
  expect(opened - before).toBe(6)
})

test('connections that are too many after a change are closed', async () => {
  const before = opened
  await follow([0, 0, 0, 0, 0, 0, 0], false, { maxConnections: 9, minConnections: 3 }, (connections, place) => {
    if (place === 2) connections.change({ maxConnections: 1, minConnections: 0 })
    if (place === 4) connections.change({ maxConnections: 2, minConnections: 2 })
  })
  expect(opened - before).toBe(4)
})

test('where nobody listens every request ends with an error, also when connections are closed after each', async () => {
  const here = target
  target = 'http://127.0.0.1:1'
  try {
    const followed = await follow([0, 0, 0, 0, 0], true, { requestsPerConnection: 1 })
    expect(followed.map(({ ending }) => ending.kind)).toEqual(Array(5).fill('connection-error'))
  } finally {
    target = here
  }
})

test('a connection that is closed after each request may break all the same', async () => {
  const followed = await follow([0, 1, 0, 1, 1, 0], false, { requestsPerConnection: 1 })
  expect(followed.map(({ ending }) => ending.kind)).toEqual([
    'answer',
    'connection-error',
    'answer',
    'connection-error',
    'connection-error',
    'answer',
  ])
})
