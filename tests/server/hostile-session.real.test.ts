import { readdirSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { ask, endStarted, start } from './started-process.ts'

// What clients do to a server when they are hostile or broken. Afterwards ordinary requests must be answered, and nothing
// that was begun for a request nobody waits for any more may be left.

/** A request that computes for some milliseconds, and one whose answer is large. */
const WORK = '/cpu/fib?n=20'
const LARGE = '/io/file'

const POOL_SIZE = 2
const FLOOD = 600
const FLOOD_AT_ONCE = 200
const HALF_REQUESTS = 300
const HUGE_HEADERS = 200
const SLOW_READERS = 100

afterAll(endStarted)

describe.each(['worker-pool', 'thread-per-request'])('%s', (executor) => {
  test('answers ordinary requests after a hostile session, with no more threads than before', async () => {
    const { child, unit } = await start('server/main.js', {
      [LAUNCH_ENV.executor]: executor,
      [LAUNCH_ENV.poolSize]: String(POOL_SIZE),
    })
    const pid = child.pid ?? 0
    const base = unit.url ?? ''
    expect((await ask(base + WORK)).status).toBe(200)
    const before = threadsOf(pid)
    const statuses = await hostileSession(base)
    const answers = await Promise.all([ask(base + WORK), ask(base + WORK)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    // Each request of the flood was answered, shed, or given up by its client.
    expect([...statuses].filter((status) => ![0, 200, 503].includes(status))).toEqual([])
    await expect.poll(() => threadsOf(pid)).toBeLessThanOrEqual(before)
    expect(child.exitCode).toBeNull()
  })
})

/** Everything at once: a flood of which half is given up, requests never ended, headers that are too long, readers that do not read. */
async function hostileSession(base: string): Promise<ReadonlySet<number>> {
  const port = Number(new URL(base).port)
  const open: net.Socket[] = []
  const statuses = new Set<number>()
  try {
    for (let index = 0; index < HALF_REQUESTS; index++) {
      open.push(raw(port, `POST ${WORK} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'a'.repeat(index)}`))
    }
    for (let index = 0; index < HUGE_HEADERS; index++) {
      open.push(raw(port, `GET ${WORK} HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`))
    }
    for (let index = 0; index < SLOW_READERS; index++) {
      const requests = `GET ${LARGE} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(5)
      open.push(raw(port, requests).pause())
    }
    await flood(base, statuses)
  } finally {
    for (const socket of open) socket.destroy()
  }
  return statuses
}

async function flood(base: string, statuses: Set<number>): Promise<void> {
  let sent = 0
  const client = async (): Promise<void> => {
    while (sent < FLOOD) {
      sent += 1
      statuses.add(await statusOf(base + WORK, sent % 2 === 0 ? sent % 20 : null))
    }
  }
  await Promise.all(Array.from({ length: FLOOD_AT_ONCE }, client))
}

/** The status of an answer; 0 when it was given up after some milliseconds, or the connection was closed. */
function statusOf(url: string, giveUpAfterMs: number | null): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false }, (response) => {
      response.resume()
      response.once('close', () => resolve(response.statusCode ?? 0))
    })
    request.once('error', () => resolve(0))
    if (giveUpAfterMs !== null) void sleep(giveUpAfterMs).then(() => request.destroy())
  })
}

function raw(port: number, bytes: string): net.Socket {
  const socket = net.connect(port, '127.0.0.1')
  // The server may well close such a connection.
  socket.on('error', () => undefined)
  socket.write(bytes)
  return socket
}

/** How many threads a process has. */
function threadsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length
}
