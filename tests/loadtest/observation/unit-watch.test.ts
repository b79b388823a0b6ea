import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HEARTBEAT_PATH, HEARTBEATS_PATH, type HeartbeatReading } from '../../../core/heartbeat.ts'
import type { Beat, HeardItem } from '../../../core/timeline.ts'
import { UnitWatch } from '../../../loadtest/observation/unit-watch.ts'

let server: http.Server
let watch: UnitWatch
let watched: boolean
let items: HeardItem[]
/** The streams that are open now. */
const streams = new Set<http.ServerResponse>()

function reading(turnedAtS: number, ageS: number): string {
  const told: HeartbeatReading = {
    state: 'ready',
    turnedAtS,
    ageS,
    cpuS: 1,
    rssBytes: 8e7,
    utilization: 0.5,
    requests: 10,
    active: 1,
    connections: 2,
  }
  return JSON.stringify(told)
}

beforeEach(async () => {
  ;[watched, items] = [false, []]
  server = http.createServer((request, response) => {
    if (request.url === HEARTBEAT_PATH) return response.end(reading(1, 0.01))
    if (request.url !== HEARTBEATS_PATH) return response.writeHead(404).end()
    streams.add(response.once('close', () => streams.delete(response)))
    return response.write(`${reading(2, 0.01)}\n`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  watch = new UnitWatch(
    (item) => items.push(item),
    () => watched,
  )
  const metricsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  watch.units([{ name: 'worker-1', role: 'worker', pid: process.pid, metricsUrl }])
})

afterEach(() => {
  watch.stop()
  server.close()
  server.closeAllConnections()
})

function say(line: string): void {
  for (const stream of streams) stream.write(`${line}\n`)
}

/** The first report of the unit that holds. */
function heard(holds: (beat: Beat) => boolean): Promise<{ readonly kept: boolean; readonly beat: Beat }> {
  const all = (): { kept: boolean; beat: Beat }[] =>
    items.flatMap((item) =>
      item.kind === 'beats' ? Object.values(item.beats).map((beat) => ({ kept: item.kept, beat })) : [],
    )
  return vi.waitUntil(() => all().find(({ beat }) => holds(beat)), { timeout: 120_000, interval: 5 })
}

test('a unit that nobody watches is asked, and no stream is opened', async () => {
  await heard(({ turnedAtS }) => turnedAtS === 1)
  await vi.waitUntil(() => items.some(({ kind }) => kind === 'figures'), { timeout: 120_000 })
  expect(streams.size).toBe(0)
})

test('a watched one tells by itself, and that its loop is blocked, or turns again, is kept', async () => {
  watched = true
  await heard(({ turnedAtS }) => turnedAtS === 2)
  say(reading(3, 0.25))
  expect(await heard(({ turnedAtS }) => turnedAtS === 3)).toEqual({
    kept: true,
    beat: { process: 'running', turnedAtS: 3, ageS: 0.25, draining: false },
  })
  say(reading(4.000_9, 0.200_01))
  await heard(({ turnedAtS, ageS }) => turnedAtS === 4 && ageS === 0.201)
  say(reading(4.5, 0.01))
  expect((await heard(({ turnedAtS }) => turnedAtS === 4.5)).kept).toBe(true)
  watched = false
  await vi.waitUntil(() => streams.size === 0, { timeout: 120_000 })
})

test('one that does not answer any more is not heard, and is heard again when it does', async () => {
  watched = true
  await heard(({ turnedAtS }) => turnedAtS === 2)
  const { port } = server.address() as AddressInfo
  server.close()
  server.closeAllConnections()
  await heard(({ turnedAtS }) => turnedAtS === null)
  items = []
  server.listen(port, '127.0.0.1')
  await heard(({ turnedAtS }) => turnedAtS === 2)
})

test('who comes costs no second of the figures', async () => {
  await vi.waitUntil(() => items.some(({ kind }) => kind === 'figures'), { timeout: 120_000, interval: 5 })
  watched = true
  await heard(({ turnedAtS }) => turnedAtS === 2)
  const rounds = items.filter(({ kind }) => kind === 'beats').slice(1)
  const asked = rounds.filter((item) => item.kind === 'beats' && item.kept)
  // The second in which the stream was opened was told of from what was asked.
  expect(items.filter(({ kind }) => kind === 'figures').length).toBeGreaterThanOrEqual(asked.length - 1)
})

test('a process that goes on after a stop has its time to answer: it is not silent meanwhile', async () => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  try {
    const metricsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
    watch.units([{ name: 'worker-2', role: 'worker', pid: child.pid ?? 0, metricsUrl }])
    watched = true
    await heard(({ turnedAtS }) => turnedAtS === 2)
    child.kill('SIGSTOP')
    const beats = (): Beat[] => items.flatMap((item) => (item.kind === 'beats' ? Object.values(item.beats) : []))
    // Longer than a unit that is not stopped may be without an answer.
    await vi.waitUntil(() => beats().filter(({ process }) => process === 'stopped').length > 4, {
      timeout: 120_000,
      interval: 5,
    })
    items = []
    child.kill('SIGCONT')
    say(reading(5, 3))
    await heard(({ turnedAtS }) => turnedAtS === 5)
    expect(beats().filter(({ process, turnedAtS }) => process === 'running' && turnedAtS === null)).toEqual([])
  } finally {
    child.kill('SIGKILL')
  }
})

test('a line that is no JSON ends the stream, and nothing else', async () => {
  watched = true
  await heard(({ turnedAtS }) => turnedAtS === 2)
  say('{')
  await heard(({ turnedAtS }) => turnedAtS === null)
  items = []
  await heard(({ turnedAtS }) => turnedAtS === 2)
})
