import { createHash } from 'node:crypto'
import { Agent, request } from 'undici'
import type { Workload, WorkloadRequest } from '../core/load.ts'
import { messageOf } from '../core/errors.ts'

/** What one server answered to one request of a workload, as far as it matters to a fair comparison. */
export interface Answer {
  readonly route: string
  readonly path: string
  readonly status: number
  readonly contentType: string
  readonly contentEncoding: string
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string
  readonly bodyBytes: number
  /** `content-length` or `chunked`. */
  readonly framing: string
  readonly keepsAlive: boolean
  /** Bytes of status line and headers, estimated from the parsed headers. */
  readonly headerNames: readonly string[]
}

/** Outcome of comparing one model's answers with the baseline's. */
export interface Equivalence {
  /** Differences that make the comparison unfair: the model is refused. */
  readonly faults: readonly string[]
  /** Differences that are a trait of the model: reported beside its figures. */
  readonly traits: readonly string[]
}

/** Sends every request of the workloads to every target, one after the other, and keeps what matters of the answers. */
export async function collectAnswers(
  targets: readonly URL[],
  workloads: readonly Pick<Workload, 'requests'>[],
  timeoutS: number,
  signal: AbortSignal,
): Promise<Answer[]> {
  const agent = new Agent({ connections: 1, pipelining: 1 })
  const answers: Answer[] = []
  try {
    for (const target of targets) {
      for (const workload of workloads) {
        for (const wanted of workload.requests) {
          answers.push(await collectAnswer(agent, target, wanted, timeoutS, signal))
        }
      }
    }
  } finally {
    await agent.destroy()
  }
  return answers
}

/** Compares a model's answers with the baseline's; both were collected over the same workloads. */
export function compareAnswers(baseline: readonly Answer[], candidate: readonly Answer[]): Equivalence {
  const faults = new Set<string>()
  const traits = new Set<string>()
  const expected = new Map(baseline.map((answer) => [answer.path, answer]))
  for (const got of candidate) {
    const want = expected.get(got.path)
    if (want === undefined) continue
    const differ = (what: string, a: string | number, b: string | number): string =>
      `${got.path}: expected ${what} ${a}, got ${b}`
    if (want.status !== got.status) faults.add(differ('status', want.status, got.status))
    if (want.bodyHash !== got.bodyHash) {
      faults.add(`${got.path}: the body differs (${want.bodyBytes} and ${got.bodyBytes} bytes)`)
    }
    if (mediaType(want) !== mediaType(got)) faults.add(differ('content type', want.contentType, got.contentType))
    if (want.contentEncoding !== got.contentEncoding) {
      faults.add(differ('content encoding', want.contentEncoding, got.contentEncoding))
    }
    if (want.keepsAlive && !got.keepsAlive) traits.add('closes the connection after every answer')
    if (want.framing !== got.framing)
      traits.add(`frames bodies by ${got.framing} where the baseline uses ${want.framing}`)
    if (want.headerNames.join() !== got.headerNames.join()) {
      const extra = got.headerNames.filter((name) => !want.headerNames.includes(name))
      const missing = want.headerNames.filter((name) => !got.headerNames.includes(name))
      if (extra.length > 0) traits.add(`sends more headers: ${extra.join(', ')}`)
      if (missing.length > 0) traits.add(`sends fewer headers: ${missing.join(', ')}`)
    }
  }
  return { faults: [...faults], traits: [...traits] }
}

/** Faults of the baseline by itself: an answer with another status than the workload expects. */
export function unexpectedStatuses(
  answers: readonly Answer[],
  workloads: readonly Pick<Workload, 'requests'>[],
): string[] {
  const expected = new Map(workloads.flatMap((w) => w.requests.map((wanted) => [wanted.path, wanted.expectStatus])))
  const wrong = answers.filter((answer) => expected.get(answer.path) !== answer.status)
  return [...new Set(wrong.map((a) => `${a.path}: expected status ${expected.get(a.path)}, got ${a.status}`))]
}

async function collectAnswer(
  agent: Agent,
  target: URL,
  wanted: WorkloadRequest,
  timeoutS: number,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(wanted.path, target)
  try {
    const response = await request(url, {
      dispatcher: agent,
      method: wanted.method,
      signal,
      headersTimeout: timeoutS * 1000,
      bodyTimeout: timeoutS * 1000,
      ...(wanted.headers === undefined ? {} : { headers: { ...wanted.headers } }),
      ...(wanted.body === undefined ? {} : { body: wanted.body }),
    })
    const body = Buffer.from(await response.body.arrayBuffer())
    const header = (name: string): string => [response.headers[name] ?? ''].flat().join(', ')
    return {
      route: wanted.route,
      path: wanted.path,
      status: response.statusCode,
      contentType: header('content-type'),
      contentEncoding: header('content-encoding') || 'identity',
      bodyHash: createHash('sha256').update(body).digest('hex'),
      bodyBytes: body.length,
      framing: header('content-length') === '' ? header('transfer-encoding') || 'connection end' : 'content-length',
      keepsAlive: header('connection').toLowerCase() !== 'close',
      headerNames: Object.keys(response.headers)
        .filter((name) => !['connection', 'keep-alive', 'content-length', 'transfer-encoding'].includes(name))
        .sort(),
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw new Error(`${wanted.method} ${url.pathname}${url.search}: ${messageOf(thrown)}`, { cause: thrown })
  }
}

function mediaType(answer: Answer): string {
  return answer.contentType.toLowerCase().replaceAll(' ', '')
}
