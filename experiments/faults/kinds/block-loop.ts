import { once } from 'node:events'
import net from 'node:net'
import type { Fault } from '../fault.ts'
import { LONGEST_PRIME } from '../long-request.ts'

/** Requests that come in one packet, so that an event loop meets all of them in one turn. */
const REQUESTS = 3

/** Executors that compute where requests are accepted. */
const ON_THE_LOOP: readonly string[] = ['inline', 'wsgi', 'asgi']

const fault: Fault = {
  id: 'block-loop',
  title: 'A blocked event loop',
  question: `A client sends ${REQUESTS} requests at once that compute for one or two seconds each: whoever got them answers nothing else during that time. Who else has to wait?`,
  recoveryFrom: 'injection',
  lastsS: 0,
  watchS: 10,
  offeredBy: ({ model: { executor }, builtInApp }) => {
    if (!builtInApp) return 'only the built-in app has a request that computes for so long'
    return ON_THE_LOOP.includes(executor) ? null : 'its requests do not compute where they are accepted'
  },
  async inject(server, scene) {
    const [target] = server.targets
    if (target === undefined) return { facts: {} }
    const request = (last: boolean): string =>
      `GET /cpu/prime?n=${LONGEST_PRIME} HTTP/1.1\r\nHost: ${target.host}\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
    const socket = net.connect(Number(target.port), target.hostname)
    const ending = (): void => void socket.destroy()
    scene.signal.addEventListener('abort', ending, { once: true })
    // A server that breaks under a fault is what faults are for.
    socket.on('error', ending).resume()
    scene.injected()
    socket.end(Array.from({ length: REQUESTS }, (_, i) => request(i === REQUESTS - 1)).join(''))
    if (!socket.closed) await once(socket, 'close')
    scene.signal.removeEventListener('abort', ending)
    return { facts: {} }
  },
}

export default fault
