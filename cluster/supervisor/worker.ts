import { subscribe } from 'node:diagnostics_channel'
import { WORKER_ENV, type WorkerMessage } from './worker-protocol.ts'

/**
 * The program of a supervisor's worker: the server, and with it a sign of life from its event loop now and then, and a
 * word when it has answered as many requests as it was to.
 */
async function main(): Promise<void> {
  const tell = (message: WorkerMessage): void => {
    // The callback takes the error of a channel that closes just now; its closing is handled elsewhere.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
  const beatMs = Number(process.env[WORKER_ENV.beatMs] ?? 1000)
  setInterval(() => tell({ type: 'beat' }), beatMs).unref()

  const maxRequests = Number(process.env[WORKER_ENV.maxRequests] ?? Infinity)
  if (maxRequests !== Infinity) {
    let requests = 0
    subscribe('http.server.request.start', () => {
      requests += 1
      if (requests === maxRequests) tell({ type: 'recycle' })
    })
  }
  await import('../../server/main.ts')
}

await main()
