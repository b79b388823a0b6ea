import { parentPort } from 'node:worker_threads'
import { handler } from '../../../server/handlers/cpu-prime.ts'
import { runToEnd } from '../../../server/slices.ts'

parentPort?.on('message', (n: string) => parentPort?.postMessage(runToEnd(handler.run({ n }, undefined as never))))
parentPort?.postMessage('ready')
