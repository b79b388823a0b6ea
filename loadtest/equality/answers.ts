import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type * as undici from 'undici'
import { messageOf } from '../../core/errors.ts'
import { bodyOf, requestGroups, type Workload, type WorkloadRequest } from '../../core/load.ts'

/** What one server answered to one request of a workload. */
export interface Answer {
  /** Which request of the workloads it answers: two may have the same path, or even the same method and path. */
  readonly key: string
  /** The request in words: `POST /orders`. */
  readonly request: string
  readonly expectStatus: number
  readonly status: number
  /** By lower-case name, values of a repeated one joined; without those that belong to the connection. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded, where the encoding is known. */
  readonly body: Buffer
  /** `content-length`, `chunked`, or `connection end`. */
  readonly framing: string
  readonly keepsAlive: boolean
}

/** How a server is asked. */
export interface Asking {
  readonly workloads: readonly Pick<Workload, 'requests'>[]
  readonly timeoutS: number
  /** How often each target is asked, on connections of their own, so that several workers answer. */
  readonly rounds: number
  /** What every launch gets as `Host` unless the request says otherwise; null for the address of the server. */
  readonly host: string | null
  readonly signal: AbortSignal
}

/** No more rounds are asked once they have taken this long together, in ms. */
const ROUNDS_MS = 3_000

const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'content-length', 'transfer-encoding', 'date'])

/** Sends every request of the workloads to every target, one after the other. Rejects with the request that failed. */
export async function collectAnswers(targets: readonly URL[], asking: Asking): Promise<Answer[]> {
  const answers: Answer[] = []
  const startedMs = performance.now()
  for (let round = 0; round < asking.rounds; round++) {
    if (round > 0 && performance.now() - startedMs > ROUNDS_MS) break
    for (const target of targets) answers.push(...(await askOnce(target, asking)))
  }
  return answers
}

/** undici takes a third of a second of CPU to load: only what asks a server pays for it. */
function loadUndici(): Promise<typeof undici> {
  return import('undici')
}

async function askOnce(target: URL, asking: Asking): Promise<Answer[]> {
  const { Agent } = await loadUndici()
  const agent = new Agent({ connections: 1, pipelining: 1 })
  const answers: Answer[] = []
  try {
    for (const [at, workload] of asking.workloads.entries()) {
      // One request of each group stands for all: a table may have a thousand rows.
      for (const [place, [wanted]] of requestGroups(workload.requests).entries()) {
        if (wanted === undefined) continue
        answers.push(await collectAnswer(agent, target, wanted, `${at}.${place}`, asking))
      }
    }
  } finally {
    await agent.destroy()
  }
  return answers
}

async function collectAnswer(
  agent: undici.Agent,
  target: URL,
  wanted: WorkloadRequest,
  key: string,
  { host, timeoutS, signal }: Asking,
): Promise<Answer> {
  const url = new URL(wanted.path, target)
  const name = `${wanted.method} ${wanted.path}`
  const body = bodyOf(wanted)
  try {
    const { request } = await loadUndici()
    const response = await request(url, {
      dispatcher: agent,
      method: wanted.method,
      signal,
      headersTimeout: timeoutS * 1000,
      bodyTimeout: timeoutS * 1000,
      headers: { ...(host === null ? {} : { host }), ...wanted.headers },
      ...(body === undefined ? {} : { body }),
    })
    const raw = Buffer.from(await response.body.arrayBuffer())
    const header = (name: string): string => [response.headers[name] ?? ''].flat().join(', ')
    return {
      key,
      request: name,
      expectStatus: wanted.expectStatus,
      status: response.statusCode,
      headers: Object.fromEntries(
        Object.keys(response.headers)
          .filter((name) => !OF_THE_CONNECTION.has(name))
          .map((name) => [name, header(name)]),
      ),
      body: decoded(raw, header('content-encoding')),
      framing: header('content-length') === '' ? header('transfer-encoding') || 'connection end' : 'content-length',
      keepsAlive: header('connection').toLowerCase() !== 'close',
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw new Error(`${name}: ${messageOf(thrown)}`, { cause: thrown })
  }
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
}

/** What is no valid encoding stays as it came: an answer to HEAD names one without a body. */
function decoded(body: Buffer, encoding: string): Buffer {
  try {
    return DECODERS[encoding.toLowerCase()]?.(body) ?? body
  } catch {
    return body
  }
}
