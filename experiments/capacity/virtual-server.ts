import { createServer, type Socket } from 'node:net'
import { deriveSeed, exponential, seededRandom } from '../../core/random.ts'
import { PreciseTimer } from '../../loadtest/precise-timer.ts'
import { VirtualWorkers } from './virtual-workers.ts'
import type { VirtualSettings } from './virtual-subject.ts'

/**
 * The program of a server whose workers are arithmetic (virtual-workers.ts): it answers each request at the instant at
 * which its worker would be done. `/constant?ms=` keeps a worker busy for exactly so long, `/exponential?ms=` for an
 * exponential time of that mean. It listens on 127.0.0.1, sends its port over IPC, and ends when the channel closes.
 */
const settings = JSON.parse(process.argv[2] ?? '{}') as VirtualSettings
const workers = new VirtualWorkers(settings.routing, settings.workers, deriveSeed(settings.seed, 'pins'))
const random = seededRandom(deriveSeed(settings.seed, 'services'))
const timer = new PreciseTimer()
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
let connections = 0

process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
const server = createServer({ noDelay: true }, serve)
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))

function serve(socket: Socket): void {
  const pinnedTo = workers.pin(connections++)
  let text = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    const nowMs = performance.now()
    text += chunk.toString('latin1')
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const path = text.slice(0, end).split(' ', 2)[1] ?? '/'
      text = text.slice(end + 4)
      const doneMs = workers.serve(nowMs, serviceMs(new URL(path, 'http://virtual')), pinnedTo)
      timer.at(doneMs, () => {
        if (!socket.destroyed) socket.write(ANSWER)
      })
    }
  })
}

function serviceMs(url: URL): number {
  const ms = Number(url.searchParams.get('ms') ?? 0)
  return url.pathname === '/exponential' ? exponential(random, ms) : ms
}
