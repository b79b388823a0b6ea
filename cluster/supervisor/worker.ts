import { subscribe } from 'node:diagnostics_channel'
import { WORKER_ENV, type WorkerMessage } from './worker-protocol.ts'

/**
 * The program of a supervisor's worker: the server, with regular heartbeats from its event loop, and a message when it
 * has answered its number of requests.
 */
async function main(): Promise<void> {
  const send = (message: WorkerMessage): void => {
    // The callback takes the error of a channel that closes just now; its closing is handled elsewhere.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
  const beatMs = Number(process.env[WORKER_ENV.beatMs] ?? 1000)
  setInterval(() => send({ type: 'forkwise:beat' }), beatMs).unref()

  const maxRequests = Number(process.env[WORKER_ENV.maxRequests] ?? Infinity)
  if (maxRequests !== Infinity) {
    let requests = 0
    subscribe('http.server.request.start', () => {
      requests += 1
      if (requests === maxRequests) send({ type: 'forkwise:recycle' })
    })
  }
  await import('../../server/main.ts')
}

await main()
