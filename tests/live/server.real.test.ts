import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveJournal } from '../../live/journal.ts'
import type { TimelineItem } from '../../core/timeline.ts'
import { type LiveServer, MOST_VIEWERS, serveLive } from '../../live/server.ts'
import { partTest } from '../parts.ts'
import { beat, loadFigures } from '../timeline-items.ts'

let journal: LiveJournal
let server: LiveServer
const watched: boolean[] = []
const sockets: net.Socket[] = []

beforeEach(async () => {
  journal = new LiveJournal()
  server = await serveLive(journal, { port: 0, onWatched: (is) => watched.push(is) })
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close()
  watched.length = 0
})

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

function origin(): URL {
  return new URL(server.address)
}

function get(path: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get(new URL(path, origin()), { headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    request.on('error', reject)
  })
}

async function enter(): Promise<string> {
  const { headers } = await get(origin().pathname + origin().search)
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

/** A viewer that is a bare connection: it reads only on request. */
async function view(more: string = ''): Promise<net.Socket> {
  const cookie = await enter()
  const socket = net.connect(Number(origin().port), '127.0.0.1')
  sockets.push(socket)
  await once(socket, 'connect')
  socket.write(`GET /events HTTP/1.1\r\nHost: ${origin().host}\r\nCookie: ${cookie}\r\n${more}\r\n`)
  return socket
}

function load(second: number): TimelineItem {
  return { kind: 'load', atMs: second * 1000, second: loadFigures(second) }
}

/** The seconds in what a viewer got, in order. */
function secondsIn(text: string): number[] {
  return [...text.matchAll(/"elapsedS":(\d+)/g)].map(([, second]) => Number(second))
}

test('the page, its modules and its style come with the cookie; nothing outside is ever named', async () => {
  const cookie = await enter()
  const page = await get('/', { cookie })
  expect(page.status).toBe(200)
  expect(page.headers['content-security-policy']).not.toContain('unsafe')
  for (const [, path = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect(path.startsWith('/'), path).toBe(true)
    const file = await get(path, { cookie })
    expect([path, file.status, file.headers['x-content-type-options']]).toEqual([path, 200, 'nosniff'])
    for (const [, module = ''] of file.text.matchAll(/from '(\.[^']+)'/g)) {
      expect((await get(new URL(module, new URL(path, origin())).pathname, { cookie })).status, module).toBe(200)
    }
  }
  for (const path of ['/package.json', '/live/server.js', '/live/page/../server.js', '/%2e%2e/package.json']) {
    expect((await get(path, { cookie })).status, path).toBe(404)
  }
})

test('without the cookie nothing is sent, and the refusal names no secret', async () => {
  for (const path of ['/', '/events', '/live/page/main.js', '/?token=x']) {
    const { status, text } = await get(path)
    expect([path, status]).toEqual([path, 403])
    expect(text).not.toContain(origin().searchParams.get('token') ?? '')
  }
  expect((await get('/', { host: 'evil.example' })).status).toBe(403)
})

test('who comes late hears all; who comes back hears what it missed, once', async () => {
  for (let s = 1; s <= 5; s++) journal.push(load(s))
  const first = await view()
  let text = ''
  first.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await vi.waitUntil(() => secondsIn(text).length === 5, { timeout: 10_000 })
  const id = /^id: (.+)$/m.exec(text)?.[1] ?? ''
  first.destroy()
  for (let s = 6; s <= 8; s++) journal.push(load(s))
  const again = await view(`Last-Event-ID: ${id}\r\n`)
  let rest = ''
  again.on('data', (chunk: Buffer) => (rest += chunk.toString()))
  await vi.waitUntil(() => secondsIn(rest).length > 0, { timeout: 10_000 })
  expect(secondsIn(rest)).toEqual([6, 7, 8])
  expect(rest).not.toContain('event: start')
})

test('who heard another run starts anew', async () => {
  journal.push(load(1))
  const socket = await view('Last-Event-ID: other/1\r\n')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await vi.waitUntil(() => secondsIn(text).length === 1, { timeout: 10_000 })
  expect(text).toContain('event: start')
})

test('a viewer that does not read delays nobody, and misses no second that is kept', async () => {
  const slow = await view()
  slow.pause()
  const quick = await view()
  let text = ''
  quick.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await vi.waitUntil(() => server.viewers === 2, { timeout: 10_000 })
  const most = 15_000
  for (let s = 1; s <= most; s++) {
    journal.push(load(s))
    if (s % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await vi.waitUntil(() => secondsIn(text).length === most, { timeout: 30_000 })
  let late = ''
  slow.on('data', (chunk: Buffer) => (late += chunk.toString())).resume()
  await vi.waitUntil(() => secondsIn(late).at(-1) === most, { timeout: 30_000 })
  expect(secondsIn(late)).toEqual(secondsIn(text))
})

test('beats reach those who read; whether anybody watches is reported', async () => {
  expect(watched).toEqual([])
  const socket = await view()
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await vi.waitUntil(() => server.viewers === 1, { timeout: 10_000 })
  journal.push({ kind: 'beats', atMs: 1, kept: false, beats: { 'worker-1 7': beat(3.5) } })
  server.sendNow()
  await vi.waitUntil(() => text.includes('["beats",1,0,'), { timeout: 10_000 })
  socket.destroy()
  await vi.waitUntil(() => watched.length === 2, { timeout: 10_000 })
  expect(watched).toEqual([true, false])
})

test('there is a limit to viewers', async () => {
  for (let i = 0; i < MOST_VIEWERS; i++) (await view()).resume()
  await vi.waitUntil(() => server.viewers === MOST_VIEWERS, { timeout: 20_000 })
  expect((await get('/events', { cookie: await enter() })).status).toBe(503)
})

test('a port that is taken is reported', async () => {
  await expect(serveLive(journal, { port: Number(origin().port) })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
})

test('the end is sent before the connection ends, and one that does not read is not waited for', async () => {
  const [reader, slow] = [await view(), await view()]
  slow.pause()
  let text = ''
  reader.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const over = once(reader, 'close')
  await vi.waitUntil(() => server.viewers === 2, { timeout: 10_000 })
  journal.push({ kind: 'end', atMs: 1, text: 'The run is over.', failed: false })
  await server.close()
  await over
  expect(text).toContain('The run is over.')
})

partTest(['ss'], 'only this machine is listened to', () => {
  const { stdout } = spawnSync('ss', ['-ltnH', `sport = :${origin().port}`], { encoding: 'utf8' })
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/)[3]),
  ).toEqual([origin().host])
})
