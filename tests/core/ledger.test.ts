import { expect, test } from 'vitest'
import { addLedgers, type LedgerSecond, type RouteSecond } from '../../core/ledger.ts'

const route = (sent: number): RouteSecond => ({
  sent,
  ok: sent - 1,
  non2xx: 1,
  timeouts: 0,
  connectionErrors: 0,
  okLatencies: [[1000, sent - 1]],
  failedLatencies: [[2000, 1]],
})

const ledger = (routes: LedgerSecond['routes'], inFlight: number, oldestMs: number | null): LedgerSecond => ({
  routes,
  inFlight,
  waiting: inFlight,
  oldestMs,
})

test('what happened adds up by route; what is open adds up over generators', () => {
  const sum = addLedgers([ledger({ io: route(3), cpu: route(2) }, 2, 50), ledger({ io: route(5) }, 1, 900)])
  expect(sum.routes['io']).toMatchObject({
    sent: 8,
    ok: 6,
    non2xx: 2,
    okLatencies: [
      [1000, 2],
      [1000, 4],
    ],
  })
  expect(sum.routes['cpu']).toEqual(route(2))
  expect(sum).toMatchObject({ inFlight: 3, waiting: 3, oldestMs: 900 })
})

test('over several seconds, what is open is what is open at the end', () => {
  const sum = addLedgers([ledger({ io: route(3) }, 7, 5000), ledger({ io: route(3) }, 1, null)], 'last')
  expect(sum).toMatchObject({ inFlight: 1, waiting: 1, oldestMs: null })
})

test('no ledger is an empty one', () => {
  expect(addLedgers([])).toEqual({ routes: {}, inFlight: 0, waiting: 0, oldestMs: null })
})
