import express from 'express'
import { once } from 'node:events'
import http from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import request from 'supertest'
import { expect, test } from 'vitest'
import type { HistogramValue, MetricValue } from '../../../core/exposition.ts'
import { countRequests } from '../../../server/metrics/request-figures.ts'
import { SharedFigures, valueOf } from '../../../server/metrics/shared-figures.ts'

interface Measured {
  readonly server: http.Server
  readonly figures: SharedFigures
  /** `METHOD route status: count` of every series, and the other figures by name. */
  readonly counts: () => Record<string, number>
}

function measured(listener: http.RequestListener): Measured {
  const figures = new SharedFigures(() => undefined)
  const server = http.createServer(listener)
  countRequests(server, figures)
  const nameOf = ({ spec, labels = {} }: MetricValue | HistogramValue): string =>
    spec.kind === 'histogram'
      ? `${labels['http_request_method']} ${labels['http_route']} ${labels['http_response_status_code']}`
      : spec.name
  return {
    server,
    figures,
    counts: () =>
      Object.fromEntries(
        figures.series.map((place) => {
          const value = valueOf(figures.cells, place)
          return [nameOf(value), 'counts' in value ? value.counts.reduce((sum, count) => sum + count) : value.value]
        }),
      ),
  }
}

test('routes are named by their patterns, mounted ones with where they are mounted', async () => {
  const app = express()
  const shop = express.Router()
  shop.get('/orders/:id', (_request, response) => void response.json({}))
  app.use('/shop', shop)
  app.post('/orders', (_request, response) => void response.sendStatus(201))
  app.get([/^\/old/, '/older'], (_request, response) => void response.json({}))
  const { server, counts } = measured(app)
  await request(server).get('/shop/orders/1')
  await request(server).get('/shop/orders/2')
  await request(server).post('/orders')
  await request(server).get('/older')
  await request(server).get('/nowhere')
  expect(counts()).toMatchObject({
    'GET /shop/orders/:id 200': 2,
    'POST /orders 201': 1,
    'GET ^\\/old|/older 200': 1,
    'GET  404': 1,
    http_server_active_requests: 0,
    http_server_aborted_requests_total: 0,
  })
})

test('requests that a client sends without waiting for answers have times of their own', async () => {
  const { server, figures, counts } = measured((_, response) => void setTimeout(() => response.end(), 50))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2) + 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  client.resume()
  await once(client, 'close')
  server.close()
  expect(counts()).toMatchObject({ 'GET  200': 3, http_server_active_requests: 0 })
  const durations = figures.series.find(({ key }) => key === 'requestDuration')
  if (durations === undefined) throw new Error('a series of durations expected')
  const value = valueOf(figures.cells, durations)
  expect('sum' in value && value.sum).toBeGreaterThan(0.14)
})

test('whatever clients and apps make up, the series stay bounded and no answer goes uncounted', async () => {
  const { server, counts } = measured((request, response) => {
    Object.assign(request, { route: { path: request.url } })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = request.agent(server)
  for (let i = 0; i < 520; i++) await agent.get(`/made-up/${i}`)
  server.close()
  const durations = Object.entries(counts()).filter(([name]) => !name.startsWith('http_'))
  expect(durations).toHaveLength(501)
  expect(counts()['_OTHER other 200']).toBe(20)
  expect(durations.reduce((sum, [, count]) => sum + count, 0)).toBe(520)
})
