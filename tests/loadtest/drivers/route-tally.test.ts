import { expect, test } from 'vitest'
import { RouteTally } from '../../../loadtest/drivers/route-tally.ts'

const MIX = [
  { route: 'io', expectStatus: 200 },
  { route: 'cpu', expectStatus: 202 },
]

const answer = (status: number) => ({ kind: 'answer', status, latencyUs: 1, serviceUs: 1 }) as const

test('counts each route until it is asked, and begins anew', () => {
  const tally = new RouteTally(MIX)
  tally.countSent(0)
  tally.countSent(0)
  tally.countSent(1)
  tally.countEnding(0, answer(200), 1500)
  tally.countEnding(0, answer(503), 300)
  tally.countEnding(1, { kind: 'timeout' }, 5_000_000)
  const { io, cpu } = tally.take()
  expect(io).toMatchObject({ sent: 2, ok: 1, non2xx: 1, timeouts: 0, connectionErrors: 0 })
  expect(io?.okLatencies.map(([, count]) => count)).toEqual([1])
  expect(io?.failedLatencies.map(([, count]) => count)).toEqual([1])
  expect(cpu).toMatchObject({ sent: 1, ok: 0, timeouts: 1 })
  expect(tally.take()['io']).toMatchObject({ sent: 0, ok: 0, non2xx: 0, okLatencies: [], failedLatencies: [] })
})

test('the status that is expected is that of the request', () => {
  const tally = new RouteTally(MIX)
  tally.countEnding(1, answer(200), 10)
  tally.countEnding(1, answer(202), 10)
  tally.countEnding(1, { kind: 'connection-error', message: 'read ECONNRESET' }, 10)
  expect(tally.take()['cpu']).toMatchObject({ ok: 1, non2xx: 1, connectionErrors: 1 })
})
