import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { answers, untilReady, type ReadinessWatch } from '../../cluster/readiness.ts'
import type { Unit } from '../../core/unit.ts'

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server whose answers follow one another, the last for ever; 0 hangs. */
async function answering(...statuses: number[]): Promise<string> {
  const server = http.createServer((_request, response) => {
    const status = statuses.length > 1 ? statuses.shift() : statuses[0]
    if (status !== undefined && status > 0) response.writeHead(status).end()
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function watch(units: readonly Unit[], target: string, more: Partial<ReadinessWatch> = {}): ReadinessWatch {
  return {
    topology: { worker: 1 },
    units: () => Promise.resolve(units),
    targets: () => [new URL(target)],
    question: '/readyz',
    timeoutS: 0.3,
    signal: new AbortController().signal,
    ...more,
  }
}

const worker = (name: string, url?: string, metricsUrl?: string): Unit => ({
  name,
  role: 'worker',
  pid: process.pid,
  ...(url === undefined ? {} : { url }),
  ...(metricsUrl === undefined ? {} : { metricsUrl }),
})

describe('untilReady', () => {
  test('waits until the answer is 200', async () => {
    const url = await answering(503, 503, 200)
    expect(await untilReady(watch([worker('worker-1', url)], url, { timeoutS: 5 }))).toMatchObject([
      { name: 'worker-1' },
    ])
  })

  test('names the units that are missing', async () => {
    const url = await answering(200)
    await expect(untilReady(watch([], url))).rejects.toThrow('was not ready within 0.3 s: 0 of 1 worker')
  })

  test('names the worker that does not answer, though the address for clients does', async () => {
    const [shared, dead] = [await answering(200), await answering(503)]
    const units = [worker('worker-1', shared), worker('worker-2', undefined, `${dead}/metrics`)]
    await expect(untilReady(watch(units, shared, { topology: { worker: 2 } }))).rejects.toThrow(
      'was not ready within 0.3 s: worker-2 does not answer /readyz',
    )
  })

  test('takes any answer of the user’s own app to a request of the workload', async () => {
    const url = await answering(404)
    const question = { method: 'GET', path: '/orders' } as const
    expect(await untilReady(watch([worker('worker-1', url)], url, { question }))).toHaveLength(1)
  })

  test('names the request that the user’s own app does not answer', async () => {
    const url = await answering(0)
    const question = { method: 'POST', path: '/orders', body: 'x' } as const
    const waiting = untilReady(watch([worker('worker-1', url)], url, { question }))
    await expect(waiting).rejects.toThrow('does not answer POST /orders')
  })

  test('is content with a connection where nothing is asked', async () => {
    const url = await answering(0)
    expect(await untilReady(watch([worker('worker-1', url)], url, { question: null }))).toHaveLength(1)
  })

  test('ends at once, with the reason, when the start is given up', async () => {
    const giveUp = new AbortController()
    setTimeout(() => giveUp.abort(new Error('enough')), 50)
    const waiting = untilReady(watch([], 'http://127.0.0.1:1', { timeoutS: 60, signal: giveUp.signal }))
    await expect(waiting).rejects.toThrow('enough')
  })
})

test('what nobody listens on does not answer', async () => {
  expect(await answers('http://127.0.0.1:1', '/readyz')).toBe(false)
  expect(await answers('http://127.0.0.1:1', null)).toBe(false)
})
