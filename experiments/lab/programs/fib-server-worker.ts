// A member of a pool, or the thread of a client: computes what it is sent, one after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { fib } from './fib-server-work.ts'

if (parentPort === null) {
  // A process of its own, which ends with the server.
  process.on('message', (n: number) => process.send?.(fib(n)))
  process.on('disconnect', () => process.exit())
} else {
  const port = parentPort
  // Connections cannot be given to threads in Node: the thread of a client that has a pool compute says what to compute.
  port.on('message', (n: number) => port.postMessage(workerData === 'passes on' ? n : fib(n)))
}
