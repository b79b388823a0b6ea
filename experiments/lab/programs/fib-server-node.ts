// A server that answers each line, a number n, with fib(n): five ways to arrange who computes. A line `quit` ends it.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { fib } from './fib-server-work.ts'
import { endWithParent, readArgument, emit, emitResult } from './trace.ts'

type Compute = (n: number) => number | Promise<number>

const WORKER = new URL(`./fib-server-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

const { way, pool, port } = readArgument({ way: 'loop', pool: 2, port: 0 })
let answered = 0

/** What is done with a new client, by way. */
const WAYS: Readonly<Record<string, () => (client: Socket) => unknown>> = {
  /** The next client is served when the one before has left. */
  'one-at-a-time': () => {
    let before: Promise<unknown> = Promise.resolve()
    return (client) => (before = before.then(() => serve(client, fib)))
  },

  /** Each client has a thread of its own, which computes. */
  threads: () => (client) => withThread(client, (ask) => ask),

  /** Each client has a thread of its own, which has a pool of processes compute: the number goes both ways, there and back. */
  'threads-pool': () => {
    const compute = poolOf(Array.from({ length: pool }, processWorker))
    return (client) => withThread(client, (ask) => async (n) => compute(await ask(n)), 'passes on')
  },

  /** The one thread that serves all clients computes. */
  loop: () => (client) => serve(client, fib),

  /** One thread serves all clients, a pool of threads computes. */
  'loop-pool': () => {
    const compute = poolOf(Array.from({ length: pool }, () => threadWorker().ask))
    return (client) => serve(client, compute)
  },
}

endWithParent()
const accept = WAYS[way]?.()
if (accept === undefined) throw new Error(`Expected \`way\` to be one of ${Object.keys(WAYS).join(', ')}; got ${way}.`)
const server = createServer({ noDelay: true }, accept).listen(port, '127.0.0.1')
await once(server, 'listening')
emit('server', 'listening', { port: (server.address() as { port: number }).port })

/** Answers the lines of a client, one after the other, until it leaves. */
async function serve(client: Socket, compute: Compute): Promise<void> {
  const lines = createInterface({ input: client })
  // Who leaves in the middle of an answer is no failure of the server.
  for (const each of [client, lines]) each.on('error', () => client.destroy())
  try {
    for await (const line of lines) {
      if (line === 'quit') quit()
      const answer = await compute(Number(line))
      answered += 1
      if (client.writable) client.write(`${answer}\n`)
    }
  } catch {
    client.destroy()
  }
}

/** Serves a client with a thread that lives as long as it does. */
async function withThread(
  client: Socket,
  computeWith: (ask: (n: number) => Promise<number>) => Compute,
  does: 'computes' | 'passes on' = 'computes',
): Promise<void> {
  const { ask, end } = threadWorker(does)
  client.once('close', end)
  await serve(client, computeWith(ask))
}

function threadWorker(does: 'computes' | 'passes on' = 'computes'): {
  ask: (n: number) => Promise<number>
  end: () => void
} {
  const worker = new Worker(WORKER, { workerData: does })
  return {
    ask: async (n) => {
      worker.postMessage(n)
      const [answer] = (await once(worker, 'message')) as [number]
      return answer
    },
    end: () => void worker.terminate(),
  }
}

function processWorker(): (n: number) => Promise<number> {
  const child = fork(WORKER)
  return async (n) => {
    child.send(n)
    const [answer] = (await once(child, 'message')) as [number]
    return answer
  }
}

/** Hands each number to a worker that is free; waits in order of arrival while none is. */
function poolOf(free: ((n: number) => Promise<number>)[]): Compute {
  const waiting: ((worker: (n: number) => Promise<number>) => void)[] = []
  return async (n) => {
    const worker = free.pop() ?? (await new Promise<(n: number) => Promise<number>>((take) => waiting.push(take)))
    try {
      return await worker(n)
    } finally {
      const next = waiting.shift()
      if (next === undefined) free.push(worker)
      else next(worker)
    }
  }
}

function quit(): never {
  emitResult({ answered })
  process.exit(0)
}
