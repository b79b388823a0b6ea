import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { parseExposition } from '../../core/exposition.ts'
import { countsBetween, requestCountOf, scrapeRequestCounts } from '../../loadtest/scrape.ts'

test('requests are summed over routes and statuses: an app of the user’s own may have a /readyz, too', () => {
  const text = [
    'http_server_active_requests 1',
    'http_server_request_duration_seconds_bucket{http_route="/cpu/prime",le="+Inf"} 7',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/cpu/prime",http_response_status_code="200"} 7',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/cpu/prime",http_response_status_code="503"} 2',
    'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/readyz",http_response_status_code="200"} 3',
  ].join('\n')
  expect(requestCountOf(parseExposition(text))).toBe(12)
})

test('a unit that has answered nothing counts as zero', () => {
  expect(requestCountOf(parseExposition('http_server_active_requests 0\n'))).toBe(0)
})

test('a unit without the metric does not count as zero', () => {
  expect(requestCountOf(parseExposition('process_cpu_seconds_total 4\n'))).toBeNull()
})

test('only units of both readings are compared', () => {
  expect(countsBetween({ a: 5, gone: 1 }, { a: 9, born: 3 })).toEqual({ a: 4 })
})

test('a unit that drops one reading is asked again, one that never answers is left out', async () => {
  const endless = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal)
  let asked = 0
  const server = http.createServer((request, response) => {
    asked++
    if (request.url === '/silent' || asked === 1) request.socket.destroy()
    else response.end('http_server_active_requests 0\nhttp_server_request_duration_seconds_count{} 3\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const unit = (name: string) => ({
    name,
    role: 'worker' as const,
    pid: 1,
    metricsUrl: `http://127.0.0.1:${port}/${name}`,
  })
  expect(await scrapeRequestCounts([unit('shy')])).toEqual({ shy: 3 })
  expect(await scrapeRequestCounts([unit('silent')])).toEqual({})
  expect(asked).toBe(4)
  endless.mockRestore()
  server.close()
})
