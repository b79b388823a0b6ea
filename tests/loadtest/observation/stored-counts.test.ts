import { describe, expect, test } from 'vitest'
import type { Sample } from '../../../core/exposition.ts'
import { RequestTally, riseFromZero } from '../../../loadtest/observation/stored-counts.ts'

describe('riseFromZero', () => {
  test.each([
    ['nothing for no samples', [], 0],
    ['the first value in full, since a process begins at zero', [7], 7],
    ['the last value of a counter that only rises', [0, 10, 10, 25], 25],
    ['what a restarted process counted on top', [0, 10, 4, 6], 16],
    ['a restart that begins at zero', [10, 0, 5], 15],
  ])('is %s', (_, values, rise) => {
    expect(riseFromZero(values)).toBe(rise)
  })
})

describe('RequestTally', () => {
  test('is null until a unit counted', () => {
    const tally = new RequestTally()
    tally.add({ name: 'up', labels: {}, value: 1 })
    tally.add(sample(3, { http_route: '/healthz' }))
    expect(tally.requests).toBeNull()
  })

  test('adds the series of all units and statuses, and leaves out our own routes', () => {
    const tally = new RequestTally()
    for (const value of [0, 5, 9]) tally.add(sample(value, { worker: 'worker-1' }))
    for (const value of [2, 4]) tally.add(sample(value, { worker: 'worker-2' }))
    tally.add(sample(1, { worker: 'worker-2', http_response_status_code: '503' }))
    tally.add(sample(50, { worker: 'worker-2', http_route: '/readyz' }))
    expect(tally.requests).toBe(14)
  })

  test('keeps what a killed worker counted', () => {
    const tally = new RequestTally()
    for (const value of [10, 20]) tally.add(sample(value, { instance: 'a' }))
    for (const value of [0, 3]) tally.add(sample(value, { instance: 'b' }))
    expect(tally.requests).toBe(23)
  })
})

function sample(value: number, labels: Record<string, string> = {}): Sample {
  return {
    name: 'http_server_request_duration_seconds_count',
    labels: { http_route: '/cpu/prime', ...labels },
    value,
  }
}
