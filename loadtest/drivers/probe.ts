import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { ForkwiseError } from '../../core/errors.ts'
import { bodyOf, type WorkloadRequest } from '../../core/load.ts'

/**
 * A server that closes its connection within this long after an answer does not keep it. On a busy machine the close may
 * be as late as the answer was, so that twice the time of the answer is waited, up to the longer of the two.
 */
const IDLE_WATCH_MS = { least: 60, most: 500 } as const
/** Codes with which Node refuses a certificate. */
const CERTIFICATE_ERROR = /CERT|SELF_SIGNED|UNABLE_TO_|CRL|HOSTNAME_MISMATCH|INVALID_PURPOSE|PATH_LENGTH/
/** Attempts before a target counts as unreachable. */
const ATTEMPTS = 3

/** What a first request found out. */
export interface ProbeResult {
  /** Requests that were sent, for reconciliation with the server's counters. */
  readonly sent: number
  readonly answered: number
  /** The server closed the connection right after its answer although it had not said so. */
  readonly closesSilently: boolean
}

/**
 * Sends one request to each target before the load begins, to distinguish a target that is not there from one that works
 * badly. Throws TARGET_UNREACHABLE when nothing listens, the name is unknown, the certificate is not accepted or the
 * answer is not HTTP; a target that closes or stays silent is loaded all the same, and what happens is counted.
 */
export async function probeTargets(
  targets: readonly URL[],
  request: WorkloadRequest,
  timeoutS: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const results = await Promise.all(targets.map(async (target) => probeTarget(target, request, timeoutS, signal)))
  return {
    sent: results.reduce((sum, { sent }) => sum + sent, 0),
    answered: results.reduce((sum, { answered }) => sum + answered, 0),
    closesSilently: results.some(({ closesSilently }) => closesSilently),
  }
}

/** What first requests to a server have found, so that each of its loads need not ask again. */
export class Probes {
  readonly #found = new Map<string, ProbeResult>()

  /** As {@link probeTargets}, once for each request to the same targets; nothing was sent where it was known. */
  async of(...question: Parameters<typeof probeTargets>): Promise<ProbeResult> {
    const [targets, { method, path }] = question
    const key = JSON.stringify([targets.map(({ href }) => href), method, path])
    const known = this.#found.get(key)
    if (known !== undefined) return { ...known, sent: 0, answered: 0 }
    const found = await probeTargets(...question)
    if (found.answered === targets.length) this.#found.set(key, found)
    return found
  }
}

async function probeTarget(
  target: URL,
  request: WorkloadRequest,
  timeoutS: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  let sent = 0
  let worst: { readonly problem: string; readonly hint?: string } = { problem: 'it was not asked' }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await ask(target, request, timeoutS, signal)
    if (found.kind !== 'not-connected') sent++
    if (found.kind === 'answered') return { sent, answered: 1, closesSilently: found.closesSilently }
    if (found.kind === 'silent' || signal.aborted) return { sent, answered: 0, closesSilently: false }
    worst = found
    if (found.kind === 'not-connected' && found.slow === true) break
  }
  throw new ForkwiseError('TARGET_UNREACHABLE', {
    message: `Expected an HTTP server at ${target.origin}, but ${worst.problem}.`,
    hint: worst.hint ?? 'Check the address, and that the server is up.',
  })
}

type Found =
  | { readonly kind: 'answered'; readonly closesSilently: boolean }
  /** Connected, but timed out, closed or reset: the load will show how often. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'garbage'; readonly problem: string }
  /** `slow`: it took the whole timeout to find out, which is long enough. */
  | { readonly kind: 'not-connected'; readonly problem: string; readonly hint?: string; readonly slow?: true }

const TOO_SLOW: Found = { kind: 'not-connected', problem: 'no connection could be made in time', slow: true }

async function ask(target: URL, request: WorkloadRequest, timeoutS: number, signal: AbortSignal): Promise<Found> {
  const secure = target.protocol === 'https:'
  const body = bodyOf(request)
  const agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true })
  let limit: NodeJS.Timeout | undefined
  try {
    return await new Promise<Found>((resolve) => {
      let connected = false
      const askedMs = performance.now()
      const outgoing = (secure ? https : http).request({
        agent,
        hostname: target.hostname.replace(/^\[|\]$/g, ''),
        port: target.port,
        path: request.path,
        method: request.method,
        headers: {
          ...request.headers,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
        signal,
      })
      let socketOf: Socket | undefined
      outgoing.on('socket', (socket) => {
        socketOf = socket
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          connected = true
        })
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(whatWentWrong(error, connected)))
      outgoing.on('response', (answer) => {
        const announced = !outgoing.shouldKeepAlive
        answer.on('error', () => resolve({ kind: 'silent' }))
        answer.on('end', () => {
          if (announced) resolve({ kind: 'answered', closesSilently: false })
          const watchMs = Math.min(IDLE_WATCH_MS.most, Math.max(IDLE_WATCH_MS.least, 2 * (performance.now() - askedMs)))
          const watch = setTimeout(() => resolve({ kind: 'answered', closesSilently: false }), watchMs)
          socketOf?.once('close', () => {
            clearTimeout(watch)
            resolve({ kind: 'answered', closesSilently: true })
          })
        })
        answer.resume()
      })
      outgoing.end(body)
      limit = setTimeout(() => {
        outgoing.destroy()
        resolve(connected ? { kind: 'silent' } : TOO_SLOW)
      }, timeoutS * 1000)
    })
  } finally {
    clearTimeout(limit)
    agent.destroy()
  }
}

function whatWentWrong(error: NodeJS.ErrnoException, connected: boolean): Found {
  const code = error.code ?? ''
  if (code.startsWith('HPE_')) return { kind: 'garbage', problem: `its answer is not HTTP (${error.message})` }
  if (connected) return { kind: 'silent' }
  if (error.name === 'AbortError') return TOO_SLOW
  if (code === 'ECONNREFUSED') return { kind: 'not-connected', problem: 'nothing listens there' }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return { kind: 'not-connected', problem: 'it does not speak TLS', hint: 'Is it http instead of https?' }
  }
  if (CERTIFICATE_ERROR.test(code)) {
    return {
      kind: 'not-connected',
      problem: `its certificate is not accepted: ${error.message}`,
      hint: 'Use a certificate that is valid for the address, and give its authority in NODE_EXTRA_CA_CERTS.',
    }
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { kind: 'not-connected', problem: 'that name is not known' }
  return { kind: 'not-connected', problem: `connecting failed: ${error.message}` }
}
