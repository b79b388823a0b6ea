import { expect, test } from 'vitest'
import { countsBetween, requestCountIn } from '../../loadtest/scrape.ts'

test('requests are summed over routes and statuses, without our own routes', () => {
  const text = [
    '# TYPE http_server_active_requests gauge',
    'http_server_request_duration_seconds_bucket{http_route="/cpu/prime",le="+Inf"} 7',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/cpu/prime",http_response_status_code="200"} 7',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/cpu/prime",http_response_status_code="503"} 2',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/readyz",http_response_status_code="200"} 3',
  ].join('\n')
  expect(requestCountIn(text)).toBe(9)
})

test('a unit that has answered nothing but our own routes counts as zero', () => {
  const text = [
    '# TYPE http_server_active_requests gauge',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/readyz",http_response_status_code="200"} 3',
  ].join('\n')
  expect(requestCountIn(text)).toBe(0)
  expect(requestCountIn('# TYPE http_server_active_requests gauge')).toBe(0)
})

test('a unit without the metric does not count as zero', () => {
  expect(requestCountIn('process_cpu_seconds_total 4\n')).toBeNull()
})

test('only units of both readings are compared', () => {
  expect(countsBetween({ a: 5, gone: 1 }, { a: 9, born: 3 })).toEqual({ a: 4 })
})
