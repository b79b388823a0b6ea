import { subscribe } from 'node:diagnostics_channel'
import { isWorkerProcess } from './worker-process.ts'

/** Bytes that each request leaves behind. */
const LEAKED_BYTES = 131_072

// Preloaded into every Node process of a launch (`NODE_OPTIONS=--import=…`): a worker forgets nothing it was asked.
if (isWorkerProcess()) {
  const kept: Buffer[] = []
  subscribe('http.server.request.start', () => {
    // Written to, since memory that nobody touches costs nothing.
    kept.push(Buffer.alloc(LEAKED_BYTES, 1))
  })
}
