// Calls that people take for harmless, each so that it can be done `n` times over, or lasts about 50 ms by itself.
import { execFile, execFileSync } from 'node:child_process'
import * as crypto from 'node:crypto'
import { createSocket } from 'node:dgram'
import * as dns from 'node:dns'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as http from 'node:http'
import * as net from 'node:net'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import * as zlib from 'node:zlib'

/** How long what waits is made to wait. */
const WAIT_MS = 50

const MEGABYTE = 1_000_000

/** Does it `n` times, one after the other. */
type Call = (n: number) => unknown

/** The calls by name. They use a file of 4 MB in the folder, and servers of their own on 127.0.0.1. */
export function makeCalls(folder: string): Readonly<Record<string, Call>> {
  const file = join(folder, 'file')
  fs.writeFileSync(file, Buffer.alloc(4 * MEGABYTE, 'forkwise '))
  const text = 'forkwise '.repeat(MEGABYTE / 10)
  const objects = Array.from({ length: 2000 }, (_, id) => ({ id, name: `name ${id}`, tags: ['a', 'b'] }))
  const json = JSON.stringify(objects)
  const bytes = Buffer.alloc(MEGABYTE, 1)
  const word = new Int32Array(new SharedArrayBuffer(4))

  return {
    'fs.readFileSync': again(() => fs.readFileSync(file)),
    'fs.readFile': againAsync(() => promisify(fs.readFile)(file)),
    'fs.promises.readFile': againAsync(() => fs.promises.readFile(file)),
    'fs.statSync': again(() => fs.statSync(file)),
    'fs.promises.stat': againAsync(() => fs.promises.stat(file)),

    'crypto.pbkdf2Sync': (n) => crypto.pbkdf2Sync('word', 'salt', 1000 * n, 32, 'sha256'),
    'crypto.pbkdf2': (n) => promisify(crypto.pbkdf2)('word', 'salt', 1000 * n, 32, 'sha256'),
    'crypto.scryptSync': again(() => crypto.scryptSync('word', 'salt', 32)),
    'crypto.scrypt': againAsync(() => promisify<string, string, number>(crypto.scrypt)('word', 'salt', 32)),
    'crypto.subtle.digest': againAsync(() => crypto.webcrypto.subtle.digest('SHA-256', bytes)),
    'crypto.randomBytes, sync': again(() => crypto.randomBytes(MEGABYTE)),
    'crypto.randomBytes, callback': againAsync(() => promisify(crypto.randomBytes)(MEGABYTE)),

    'zlib.gzipSync': again(() => zlib.gzipSync(text)),
    'zlib.gzip': againAsync(() => promisify<string, Buffer>(zlib.gzip)(text)),

    'dns.lookup': againAsync(() => dns.promises.lookup('localhost')),
    'dns.resolve': () => resolveSlowly(),

    'JSON.parse': again(() => JSON.parse(json) as unknown),
    'JSON.stringify': again(() => JSON.stringify(objects)),
    'RegExp.test': (n) => /a+b/.test('a'.repeat(500 * n)),
    structuredClone: again(() => structuredClone(objects)),
    'Buffer.from, a copy': again(() => Buffer.from(bytes)),

    'child_process.execFileSync': () => execFileSync('sleep', [String(WAIT_MS / 1000)]),
    'child_process.execFile': () => promisify(execFile)('sleep', [String(WAIT_MS / 1000)]),
    'net.connect': () =>
      withServer(net.createServer(answerSlowly), async (port) => readAll(net.connect(port, '127.0.0.1'))),
    'http.get': () =>
      withServer(http.createServer(respondSlowly), async (port) => {
        const request = http.get({ port, host: '127.0.0.1', agent: false })
        const [response] = (await once(request, 'response')) as [http.IncomingMessage]
        await readAll(response)
      }),

    setTimeout: () => sleep(WAIT_MS),
    'setImmediate, a chain': againAsync(() => turn()),
    'process.nextTick, a chain': againAsync(() => new Promise<void>((resolve) => process.nextTick(resolve))),
    'promises, a chain': againAsync(() => Promise.resolve()),
    'Atomics.wait': () => Atomics.wait(word, 0, 0, WAIT_MS),
    'Atomics.waitAsync': () => waitAsync(word),
    'Worker that computes': (n) => computeInThread(n),
  }
}

function again(once: () => unknown): Call {
  return (n) => {
    for (let i = 0; i < n; i++) once()
  }
}

function againAsync(once: () => Promise<unknown>): Call {
  return async (n) => {
    for (let i = 0; i < n; i++) await once()
  }
}

function answerSlowly(socket: net.Socket): void {
  setTimeout(() => socket.end('answer'), WAIT_MS)
}

function respondSlowly(_: http.IncomingMessage, response: http.ServerResponse): void {
  setTimeout(() => response.end('answer'), WAIT_MS)
}

async function withServer(server: net.Server, use: (port: number) => Promise<void>): Promise<void> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    await use((server.address() as net.AddressInfo).port)
  } finally {
    server.close()
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<void> {
  for await (const _ of stream);
}

/** Asks a name server of our own, which takes its time; the answer is one address. */
async function resolveSlowly(): Promise<void> {
  const server = createSocket('udp4', (question, from) => {
    const header = Buffer.from([question[0] ?? 0, question[1] ?? 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])
    const name = question.subarray(12, question.indexOf(0, 12) + 5)
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1])
    setTimeout(() => server.send(Buffer.concat([header, name, answer]), from.port, from.address), WAIT_MS)
  })
  await once(server.bind(0, '127.0.0.1'), 'listening')
  const resolver = new dns.promises.Resolver({ timeout: 5000, tries: 1 })
  resolver.setServers([`127.0.0.1:${server.address().port}`])
  try {
    await resolver.resolve4('forkwise.test')
  } finally {
    server.close()
  }
}

async function waitAsync(word: Int32Array): Promise<void> {
  // Its type comes with ES2024.
  const { waitAsync } = Atomics as unknown as {
    readonly waitAsync: (word: Int32Array, at: number, value: number, ms: number) => { value: Promise<string> }
  }
  // What waits this way does not keep the process alive.
  const alive = setInterval(() => undefined, 1000)
  await waitAsync(word, 0, 0, WAIT_MS).value
  clearInterval(alive)
}

async function computeInThread(n: number): Promise<void> {
  const code = `let sum = 0; for (let i = 0; i < ${n} * 1e6; i++) sum += i % 7`
  await once(new Worker(code, { eval: true }), 'exit')
}
