import { createServer, type Server, type Socket } from 'node:net'
import { deriveSeed, exponential, seededRandom, type Random } from '../../core/random.ts'

/**
 * The program of a server whose behaviour is known: it answers by raw sockets, so that it can also misbehave, and keeps
 * no state but random numbers from the seed in its argument. What a request asks for is in its path:
 *
 * - `/now` answers at once; `/wait?ms=` after so many milliseconds, to within some ten µs; `/two?short=&long=&share=`
 *   after `long` in a share of cases; `/exponential?ms=` after an exponential time of that mean.
 * - `/stall?afterMs=&ms=` answers at once, but nothing at all is answered for `ms`, once, `afterMs` after the first
 *   such request.
 * - `/never?share=` leaves a share unanswered; `/mixed-status?ms=` answers every other request with 503 at once and the
 *   rest after `ms`.
 * - `/close?ms=` announces `Connection: close` and does so; `/close-silently` closes after its answer without a word;
 *   `/until-close` ends its body by closing; `/last-of?n=` announces the close with every n-th answer;
 *   `/hang-up?share=` closes a share of connections without an answer.
 * - `/garbage`, `/half`, `/twice`, `/early-hints`, `/redirect`, `/huge?mb=`, `/endless`: what their names say.
 * - `/counts` tells how many requests of other kinds arrived and were answered.
 *
 * It listens on 127.0.0.1, tells its port over IPC, and ends when the channel closes.
 */
const random: Random = seededRandom(deriveSeed(Number(process.argv[2] ?? 1), 'known-server'))
const counts = { arrived: 0, answered: 0 }
const turns = new Map<string, number>()
let stallFromMs = Number.POSITIVE_INFINITY

process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
const server: Server = createServer({ noDelay: true }, serve)
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))

function serve(socket: Socket): void {
  let text = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    for (;;) {
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = text.slice(0, end)
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
      if (text.length < end + 4 + length) return
      text = text.slice(end + 4 + length)
      const [method = '', path = ''] = head.split(' ', 2)
      respond(socket, method, new URL(path, 'http://known'))
    }
  })
}

function respond(socket: Socket, method: string, url: URL): void {
  const number = (name: string, fallback = 0): number => Number(url.searchParams.get(name) ?? fallback)
  const withBody = method !== 'HEAD'
  const ok = (): void => answer(socket, '200 OK', withBody)
  const behaviours: Record<string, () => void> = {
    '/now': ok,
    '/wait': () => after(number('ms'), ok),
    '/two': () => after(random() < number('share') ? number('long') : number('short'), ok),
    '/exponential': () => after(exponential(random, number('ms')), ok),
    '/stall': () => {
      stall(number('afterMs'), number('ms'))
      ok()
    },
    '/never': () => {
      if (random() >= number('share')) ok()
    },
    '/mixed-status': () => {
      if (turn('/mixed-status') % 2 === 0) answer(socket, '503 Service Unavailable', withBody)
      else after(number('ms'), ok)
    },
    '/close': () => after(number('ms'), () => answer(socket, '200 OK', withBody, 'Connection: close\r\n', true)),
    '/close-silently': () => after(number('ms'), () => answer(socket, '200 OK', withBody, '', true)),
    '/until-close': () => {
      counts.answered++
      socket.end('HTTP/1.1 200 OK\r\n\r\nended by the close')
    },
    '/last-of': () => {
      const last = turn(socketName(socket)) % number('n', 10) === number('n', 10) - 1
      answer(socket, '200 OK', withBody, last ? 'Connection: close\r\n' : '', last)
    },
    '/hang-up': () => {
      if (random() < number('share', 1)) socket.destroy()
      else ok()
    },
    '/garbage': () => void socket.end('220 this is another protocol\r\n'),
    '/half': () => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it'),
    '/twice': () => {
      ok()
      ok()
    },
    '/early-hints': () => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n')
      after(number('ms'), ok)
    },
    '/redirect': () => answer(socket, '302 Found', withBody, 'Location: /now\r\n'),
    '/huge': () => {
      const bytes = number('mb') * 2 ** 20
      counts.answered++
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`)
      pour(socket, bytes)
    },
    '/endless': () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const drip = setInterval(() => socket.write('1\r\nx\r\n'), 20)
      socket.on('close', () => clearInterval(drip))
    },
    '/counts': () => {
      const body = JSON.stringify(counts)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    },
  }
  if (url.pathname !== '/counts') counts.arrived++
  const behave = behaviours[url.pathname]
  if (behave === undefined) answer(socket, '404 Not Found', withBody)
  else behave()
}

function answer(socket: Socket, status: string, withBody: boolean, headers = '', close = false): void {
  if (socket.destroyed) return
  counts.answered++
  socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n${headers}\r\n${withBody ? 'ok' : ''}`)
  if (close) socket.end()
}

/** Calls back after a time that is kept to within some ten µs: a timer until 2 ms before, then turns of the loop. */
function after(ms: number, callback: () => void): void {
  const due = performance.now() + ms
  const wait = (): void => {
    const leftMs = due - performance.now()
    if (leftMs <= 0) callback()
    else if (leftMs > 2.5) setTimeout(wait, leftMs - 2)
    else setImmediate(wait)
  }
  if (ms <= 0) callback()
  else wait()
}

/** Blocks this process once, `ms` long, `afterMs` after the first call. */
function stall(afterMs: number, ms: number): void {
  if (stallFromMs < Number.POSITIVE_INFINITY) return
  stallFromMs = performance.now() + afterMs
  after(afterMs, () => {
    const untilMs = performance.now() + ms
    while (performance.now() < untilMs);
  })
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

function socketName(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`
}
