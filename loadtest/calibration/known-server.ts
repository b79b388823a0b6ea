import { createServer, type Server, type Socket } from 'node:net'
import { exponential, type Random } from '../../core/random.ts'
import { PreciseTimer } from '../precise-timer.ts'
import { knownRandom } from './known-truth.ts'

/**
 * The program of a server whose behaviour is known: it answers by raw sockets, so that it can also misbehave, and keeps
 * no state but random numbers from the seed in its argument. What a request asks for is in its path:
 *
 * - `/now` answers at once; `/wait?ms=` after `ms` milliseconds, to within some ten µs; `/two?short=&long=&share=`
 *   after `long` in a share of cases; `/exponential?ms=` after an exponential time of that mean.
 * - `/stall?afterMs=&ms=` answers at once, but nothing at all is answered for `ms`, once, `afterMs` after the first
 *   such request.
 * - `/slot?ms=&of=` takes one of `of` places for `ms`, in order of arrival: a queue with `of` servers, without
 *   computing anything; `/spin?ms=` computes for so long, so that others wait for the one thread: from its arrival on,
 *   or from the end of the one before when it had been waiting, so that reading it costs nothing on top.
 * - `/never?share=` leaves a share unanswered; `/mixed-status?ms=` answers every other request with 503 at once and the
 *   rest after `ms`.
 * - `/close?ms=` announces `Connection: close` and does so; `/close-silently` closes after its answer without a word;
 *   `/until-close` ends its body by closing; `/last-of?n=` announces the close with every n-th answer;
 *   `/hang-up?share=` closes a share of connections without an answer.
 * - `/garbage`, `/half`, `/twice`, `/early-hints`, `/redirect`, `/huge?mb=`, `/endless`: what their names say.
 * - `/counts` reports how many requests of other kinds arrived and were answered.
 *
 * It listens on 127.0.0.1, sends its port over IPC, and ends when the channel closes.
 */
const random: Random = knownRandom(Number(process.argv[2] ?? 1))
const timer = new PreciseTimer()
/** When each place of `/slot` is free again, in milliseconds of `performance.now()`. */
const freeAtMs: number[] = []
const counts = { arrived: 0, answered: 0 }
const turns = new Map<string, number>()
let spunUntilMs = Number.NEGATIVE_INFINITY
/** A request that is seen so soon after the end of a computation had arrived before it. */
const READING_MS = 0.3
let stallFromMs = Number.POSITIVE_INFINITY

/** One request. Its numbers come from the query; `arrivedMs` is when its first byte was seen. */
interface Call {
  readonly socket: Socket
  readonly withBody: boolean
  readonly arrivedMs: number
  readonly number: (name: string, fallback?: number) => number
}

const BEHAVIOURS: Readonly<Record<string, (call: Call) => void>> = {
  '/now': ok,
  '/wait': (call) => after(call, call.number('ms'), ok),
  '/two': (call) => after(call, random() < call.number('share') ? call.number('long') : call.number('short'), ok),
  '/exponential': (call) => after(call, exponential(random, call.number('ms')), ok),
  '/stall': (call) => {
    stall(call.number('afterMs'), call.number('ms'))
    ok(call)
  },
  '/slot': (call) => takeSlot(call, call.number('ms'), call.number('of', 1)),
  '/spin': (call) => {
    const waited = call.arrivedMs - spunUntilMs < READING_MS
    spunUntilMs = (waited ? spunUntilMs : call.arrivedMs) + call.number('ms')
    while (performance.now() < spunUntilMs);
    ok(call)
  },
  '/never': (call) => {
    if (random() >= call.number('share')) ok(call)
  },
  '/mixed-status': (call) => {
    if (turn('/mixed-status') % 2 === 0) answer(call, '503 Service Unavailable')
    else after(call, call.number('ms'), ok)
  },
  '/close': (call) => after(call, call.number('ms'), () => answer(call, '200 OK', 'Connection: close\r\n', true)),
  '/close-silently': (call) => after(call, call.number('ms'), () => answer(call, '200 OK', '', true)),
  '/until-close': ({ socket }) => {
    counts.answered++
    socket.end('HTTP/1.1 200 OK\r\n\r\nended by the close')
  },
  '/last-of': (call) => {
    const n = call.number('n', 10)
    const last = turn(`${call.socket.remotePort}`) % n === n - 1
    answer(call, '200 OK', last ? 'Connection: close\r\n' : '', last)
  },
  '/hang-up': (call) => {
    if (random() < call.number('share', 1)) call.socket.destroy()
    else ok(call)
  },
  '/garbage': ({ socket }) => void socket.end('220 this is another protocol\r\n'),
  '/half': ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it'),
  '/twice': (call) => {
    ok(call)
    ok(call)
  },
  '/early-hints': (call) => {
    call.socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
    after(call, call.number('ms'), ok)
  },
  '/redirect': (call) => answer(call, '302 Found', 'Location: /now\r\n'),
  '/huge': ({ socket, number }) => {
    const bytes = number('mb') * 2 ** 20
    counts.answered++
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`)
    pour(socket, bytes)
  },
  '/endless': ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const drip = setInterval(() => socket.write('1\r\nx\r\n'), 20)
    socket.on('close', () => clearInterval(drip))
  },
  '/counts': ({ socket }) => {
    counts.arrived--
    const body = JSON.stringify(counts)
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  },
}

/** Understood paths, so that the same request costs the same few µs each time. */
const understood = new Map<string, { behave: (call: Call) => void; number: Call['number'] }>()

process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
const server: Server = createServer({ noDelay: true }, serve)
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))

function serve(socket: Socket): void {
  let text = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    const arrivedMs = performance.now()
    text += chunk.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = text.slice(0, end)
      const length = head.startsWith('GET') ? 0 : Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
      if (text.length < end + 4 + length) return
      text = text.slice(end + 4 + length)
      const [method = '', path = ''] = head.split(' ', 2)
      const { behave, number } = understand(path)
      counts.arrived++
      behave({ socket, withBody: method !== 'HEAD', arrivedMs, number })
    }
  })
}

function understand(path: string): { behave: (call: Call) => void; number: Call['number'] } {
  const known = understood.get(path)
  if (known !== undefined) return known
  const { pathname, searchParams } = new URL(path, 'http://known')
  const numbers = new Map([...searchParams].map(([name, value]) => [name, Number(value)]))
  const fresh = {
    behave: BEHAVIOURS[pathname] ?? ((call: Call) => answer(call, '404 Not Found')),
    number: (name: string, fallback = 0) => numbers.get(name) ?? fallback,
  }
  understood.set(path, fresh)
  return fresh
}

function ok(call: Call): void {
  answer(call, '200 OK')
}

function answer({ socket, withBody }: Call, status: string, headers = '', close = false): void {
  if (socket.destroyed) return
  counts.answered++
  socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n${headers}\r\n${withBody ? 'ok' : ''}`)
  if (close) socket.end()
}

/** Calls back `ms` after the request arrived, to within some ten µs. */
function after(call: Call, ms: number, callback: (call: Call) => void): void {
  if (ms <= 0) callback(call)
  else timer.at(call.arrivedMs + ms, () => callback(call))
}

/** Answers when a place was held for `ms`; places are given in the order in which they are asked for. */
function takeSlot(call: Call, ms: number, places: number): void {
  while (freeAtMs.length < places) freeAtMs.push(0)
  const place = freeAtMs.indexOf(Math.min(...freeAtMs))
  const endMs = Math.max(call.arrivedMs, freeAtMs[place] ?? 0) + ms
  freeAtMs[place] = endMs
  timer.at(endMs, () => ok(call))
}

/** Blocks this process once, `ms` long, `afterMs` after the first call; asleep, so that it takes no CPU from others. */
function stall(afterMs: number, ms: number): void {
  if (stallFromMs < Number.POSITIVE_INFINITY) return
  stallFromMs = performance.now() + afterMs
  timer.at(stallFromMs, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms))
}

function pour(socket: Socket, bytes: number): void {
  const chunk = Buffer.alloc(Math.min(bytes, 2 ** 16), 'x')
  let left = bytes
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      const size = Math.min(left, chunk.length)
      left -= size
      if (!socket.write(chunk.subarray(0, size))) {
        socket.once('drain', more)
        return
      }
    }
  }
  more()
}

function turn(key: string): number {
  const now = turns.get(key) ?? 0
  turns.set(key, now + 1)
  return now
}
