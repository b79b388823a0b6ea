import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answers, untilReady, type ReadinessWatch } from '../../cluster/readiness.ts'
import type { Unit } from '../../core/unit.ts'

const TIMEOUT_S = 30

const servers: http.Server[] = []

// Only a test lets time pass, so that none depends on how fast the machine is.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

function letTimeRunOut(): void {
  vi.advanceTimersByTime(TIMEOUT_S * 1000)
}

/** What a server answers a question with; HANGS: nothing, while the time for all of them runs out. */
type Reply = number | typeof HANGS
const HANGS = 'hangs'

/** A server whose replies follow one another, the last for ever. */
async function answering(...replies: Reply[]): Promise<string> {
  const server = http.createServer((_request, response) => {
    const reply = replies.length > 1 ? replies.shift() : replies[0]
    if (typeof reply === 'number') response.writeHead(reply).end()
    else letTimeRunOut()
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
    timeoutS: TIMEOUT_S,
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
    expect(await untilReady(watch([worker('worker-1', url)], url))).toMatchObject([{ name: 'worker-1' }])
  })

  test('names the units that are missing', async () => {
    const url = await answering(200)
    const units = (): Promise<readonly Unit[]> => {
      letTimeRunOut()
      return Promise.resolve([])
    }
    await expect(untilReady(watch([], url, { units }))).rejects.toThrow(
      `was not ready within ${TIMEOUT_S} s: 0 of 1 worker`,
    )
  })

  test('names the worker that does not answer, though the address for clients does', async () => {
    const [shared, dead] = [await answering(200), await answering(503, HANGS)]
    const units = [worker('worker-1', shared), worker('worker-2', undefined, `${dead}/metrics`)]
    await expect(untilReady(watch(units, shared, { topology: { worker: 2 } }))).rejects.toThrow(
      new RegExp(`was not ready within ${TIMEOUT_S} s: worker-2 does not answer /readyz$`),
    )
  })

  test('does not name an address that answers, where only the time for its last answer was too short', async () => {
    const [shared, dead] = [await answering(200, HANGS), await answering(503)]
    const units = [worker('worker-1', shared), worker('worker-2', undefined, `${dead}/metrics`)]
    await expect(untilReady(watch(units, shared, { topology: { worker: 2 } }))).rejects.toThrow(
      new RegExp(`was not ready within ${TIMEOUT_S} s: worker-2 does not answer /readyz$`),
    )
  })

  test('names what stopped answering where nothing else is missing', async () => {
    const [first, second] = [await answering(200, 503, HANGS), await answering(503, 200)]
    const units = [worker('worker-1', first), worker('worker-2', second)]
    await expect(untilReady(watch(units, second, { topology: { worker: 2 } }))).rejects.toThrow(
      new RegExp(`was not ready within ${TIMEOUT_S} s: worker-1 does not answer /readyz$`),
    )
  })

  test('takes any answer of the user’s own app to a request of the workload', async () => {
    const url = await answering(404)
    const question = { method: 'GET', path: '/orders' } as const
    expect(await untilReady(watch([worker('worker-1', url)], url, { question }))).toHaveLength(1)
  })

  test('names the request that the user’s own app does not answer', async () => {
    const url = await answering(HANGS)
    const question = { method: 'POST', path: '/orders', body: 'x' } as const
    const waiting = untilReady(watch([worker('worker-1', url)], url, { question }))
    await expect(waiting).rejects.toThrow('does not answer POST /orders')
  })

  test('is content with a connection where nothing is asked', async () => {
    const url = await answering(HANGS)
    expect(await untilReady(watch([worker('worker-1', url)], url, { question: null }))).toHaveLength(1)
  })

  test('ends at once, with the reason, when the start is given up', async () => {
    const giveUp = new AbortController()
    const units = (): Promise<readonly Unit[]> => {
      setImmediate(() => giveUp.abort(new Error('enough')))
      return Promise.resolve([])
    }
    const waiting = untilReady(watch([], 'http://127.0.0.1:1', { units, signal: giveUp.signal }))
    await expect(waiting).rejects.toThrow('enough')
  })
})

test('what nobody listens on does not answer', async () => {
  expect(await answers('http://127.0.0.1:1', '/readyz')).toBe(false)
  expect(await answers('http://127.0.0.1:1', null)).toBe(false)
})
