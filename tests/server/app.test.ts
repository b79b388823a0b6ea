import { Overloaded } from '../../server/overloaded.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { afterAll, expect, test, vi } from 'vitest'
import { createApp } from '../../server/app.ts'
import { type Executor } from '../../server/executor.ts'
import { executor as inlineKind } from '../../server/executors/inline.ts'
import { loadHandlers } from '../../server/handlers.ts'
import { executorOptions } from './executor-options.ts'

const handlers = await loadHandlers()
const inline = await inlineKind.create(executorOptions())
const filesDir = mkdtempSync(join(os.tmpdir(), 'fw-'))
const app = createApp({ handlers: handlers.values(), executor: inline, surroundings: { upstreamUrl: '', filesDir } })

afterAll(() => rmSync(filesDir, { recursive: true }))

test.each([
  ['a prime', '/cpu/prime?n=97', '{"n":"97","prime":true}'],
  ['a composite beyond 2^53', '/cpu/prime?n=9999999999999999', '{"n":"9999999999999999","prime":false}'],
  ['a wait', '/io/sleep?ms=3', '{"ms":3}'],
  ['a Fibonacci number', '/cpu/fib?n=24', '{"n":24,"fib":46368}'],
  [
    'a hash',
    '/cpu/hash?rounds=2',
    '{"rounds":2,"hash":"36c046c58bacc2e73c352ba11f80e246024d7f75343ae713f3a7c27a6bf3ebba"}',
  ],
  ['a wait and a prime', '/mixed?ms=2&n=91', '{"ms":2,"n":"91","prime":false}'],
  ['liveness', '/healthz', '{"status":"alive"}'],
  ['readiness', '/readyz', '{"status":"ready"}'],
])('%s is answered in JSON', async (_what, path, body) => {
  const response = await request(app).get(path)
  expect(response.status).toBe(200)
  expect(response.headers['content-type']).toBe('application/json')
  expect(response.text).toBe(body)
  expect(response.headers['content-length']).toBe(String(body.length))
})

test.each([1, 100, 10_240])('a file is streamed, %i KiB of it, every line in its place', async (kb) => {
  const response = await request(app).get(`/io/file?kb=${kb}`)
  expect(response.status).toBe(200)
  expect(response.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(response.headers['content-length']).toBe(String(kb * 1024))
  const lines = response.text.split('\n')
  expect(lines.pop()).toBe('')
  expect(lines).toHaveLength(kb * 16)
  expect(lines.every((line, i) => line.length === 63 && line.startsWith(`${String(i).padStart(10, '0')} `))).toBe(true)
})

test('every handler answers its defaults, within bounds that no path can leave', async () => {
  for (const { path, parameters, id } of handlers.values()) {
    if (id === 'io-upstream') continue
    expect((await request(app).get(path)).status).toBe(200)
    for (const { name, min = '', max = '' } of parameters) {
      for (const value of [String(BigInt(min) - 1n), String(BigInt(max) + 1n)]) {
        const response = await request(app).get(`${path}?${name}=${value}`)
        expect([path, name, value, response.status]).toEqual([path, name, value, 400])
      }
    }
  }
})

test.each([
  ['below the bounds', '/cpu/prime?n=-1', ['n']],
  ['above the bounds', '/cpu/prime?n=10000000000000000', ['n']],
  ['no number', '/io/sleep?ms=soon', ['ms']],
  ['no whole number', '/io/sleep?ms=1.5', ['ms']],
  ['another notation', '/io/sleep?ms=1e3', ['ms']],
  ['an empty value', '/io/upstream?ms=', ['ms']],
  ['given twice', '/cpu/prime?n=3&n=5', ['n']],
  ['two problems at once', '/cpu/prime?n=x&m=1', ['m', 'n']],
])('input that is %s gets a 400 with all its problems', async (_what, path, names) => {
  const response = await request(app).get(path)
  expect(response.status).toBe(400)
  expect(response.headers['content-type']).toBe('application/problem+json')
  const body = JSON.parse(response.text) as { status: number; problems: string[] }
  expect(body.status).toBe(400)
  expect(body.problems).toHaveLength(names.length)
  names.forEach((name, i) => expect(body.problems[i]).toContain(`\`${name}\``))
})

test('the text of a problem does not repeat what a client could plant in it', async () => {
  const response = await request(app).get(`/cpu/prime?n=${'%00é'.repeat(500)}`)
  expect(response.status).toBe(400)
  expect(response.text.length).toBeLessThan(400)
  expect(response.text).toMatch(/^[ -~]+$/)
})

test('an unknown path gets a 404 with a problem body', async () => {
  const response = await request(app).get('/nowhere')
  expect(response.status).toBe(404)
  expect(response.headers['content-type']).toBe('application/problem+json')
})

test('without a dependency io-upstream is a 502 that says what to set', async () => {
  const response = await request(app).get('/io/upstream?ms=1')
  expect(response.status).toBe(502)
  expect(response.text).toContain('FORKWISE_UPSTREAM')
})

test('readiness follows the server', async () => {
  let ready = false
  const app = createApp({
    handlers: [],
    executor: inline,
    surroundings: { upstreamUrl: '', filesDir: '' },
    isReady: () => ready,
  })
  expect((await request(app).get('/readyz')).status).toBe(503)
  ready = true
  expect((await request(app).get('/readyz')).status).toBe(200)
})

test.each([
  ['a full executor', new Overloaded('The queue is full.', 2), 503],
  ['a handler that throws', new Error('secret'), 500],
])('%s is answered with a problem body', async (_what, thrown, status) => {
  const executor: Executor = { id: 'inline', run: () => Promise.reject(thrown), close: () => Promise.resolve() }
  const app = createApp({ handlers: handlers.values(), executor, surroundings: { upstreamUrl: '', filesDir: '' } })
  const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const response = await request(app).get('/cpu/prime')
  const logged = log.mock.calls.map(([text]) => String(text)).join('')
  log.mockRestore()
  expect(logged.includes('secret')).toBe(status === 500)
  expect(response.status).toBe(status)
  expect(response.headers['content-type']).toBe('application/problem+json')
  expect(response.headers['retry-after']).toBe(status === 503 ? '2' : undefined)
  expect(response.text).not.toContain('secret')
})
