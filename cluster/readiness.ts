import http from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { bodyOf, type WorkloadRequest } from '../core/load.ts'
import type { Unit } from '../core/unit.ts'
import type { Topology } from './model.ts'
import { topologyDifference } from './units.ts'

/** What {@link untilReady} watches. */
export interface ReadinessWatch {
  readonly topology: Topology
  /** The units in service at this moment. */
  units(): Promise<readonly Unit[]>
  /** Addresses for clients, asked for when the units match the topology. */
  targets(units: readonly Unit[]): readonly URL[]
  readonly question: Question
  readonly timeoutS: number
  /** Aborted when the server failed or was given up: its reason is thrown. */
  readonly signal: AbortSignal
}

/**
 * What an address is asked: `/readyz`, which must be answered with 200; a request, which must be answered with whatever
 * status (a user's own app need not know any path of ours); or null, where to accept a connection is enough.
 */
export type Question = '/readyz' | FirstRequest | null

type FirstRequest = Pick<WorkloadRequest, 'method' | 'path' | 'headers' | 'body' | 'bodyEncoding'>

/** A server did not become ready in time; `missing` says what it lacked. */
export class NotReady extends Error {
  readonly missing: readonly string[]

  constructor(timeoutS: number, missing: readonly string[]) {
    super(`was not ready within ${timeoutS} s: ${missing.join(', ')}`)
    this.name = 'NotReady'
    this.missing = missing
  }
}

/** How often the units folder is looked at, in milliseconds. */
const POLL_MS = 10

/** How long `/readyz` and a connection may take, in milliseconds. */
const READYZ_TIMEOUT_MS = 2_000

/** How long a request of the user's may take, in milliseconds: the first one finds everything cold. */
const ANSWER_TIMEOUT_MS = 10_000

/** How long the end of an answer that has begun is waited for, in milliseconds: some answers never end. */
const BODY_TIMEOUT_MS = 500

/**
 * Waits until the units match the topology and every worker answers the question: on its own address, else the server of
 * its metrics answers /readyz; then until every address for clients does. Throws {@link NotReady}, or the signal's reason.
 */
export async function untilReady(watch: ReadinessWatch): Promise<readonly Unit[]> {
  const deadline = performance.now() + watch.timeoutS * 1000
  // A question that would outlast the whole wait ends with it.
  const signal = AbortSignal.any([watch.signal, AbortSignal.timeout(Math.ceil(watch.timeoutS * 1000))])
  let missing: string[] = []
  while (performance.now() < deadline) {
    watch.signal.throwIfAborted()
    const units = await watch.units()
    missing = topologyDifference(watch.topology, units)
    if (missing.length === 0) {
      missing = await silentAddresses(units, watch.targets(units), watch.question, signal)
      if (missing.length === 0) return units
    }
    await sleep(POLL_MS, undefined, { signal: watch.signal }).catch(() => {})
  }
  watch.signal.throwIfAborted()
  throw new NotReady(watch.timeoutS, missing)
}

/** True when the server at an address answers a question as it should. */
export function answers(base: string | URL, question: Question, signal?: AbortSignal): Promise<boolean> {
  return question === null ? accepts(new URL(base)) : responds(new URL(base), question, signal)
}

function accepts({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    const socket = net.connect({ host, port: Number(port || 80) })
    const settle = (accepted: boolean) => () => {
      resolve(accepted)
      socket.destroy()
    }
    socket.setTimeout(READYZ_TIMEOUT_MS, settle(false))
    socket.once('connect', settle(true))
    socket.once('error', settle(false))
  })
}

function responds(base: URL, question: Exclude<Question, null>, signal?: AbortSignal): Promise<boolean> {
  const asked: FirstRequest = question === '/readyz' ? { method: 'GET', path: '/readyz' } : question
  return new Promise((resolve) => {
    const request = http.request(new URL(asked.path, base), {
      method: asked.method,
      // No connection is kept: an idle one would hold up the server's end.
      agent: false,
      timeout: question === '/readyz' ? READYZ_TIMEOUT_MS : ANSWER_TIMEOUT_MS,
      ...(asked.headers === undefined ? {} : { headers: { ...asked.headers } }),
      ...(signal === undefined ? {} : { signal }),
    })
    let responded = false
    request.once('response', (response) => {
      responded = true
      const answered = question !== '/readyz' || response.statusCode === 200
      const cut = setTimeout(() => request.destroy(), BODY_TIMEOUT_MS)
      response.resume()
      response.on('error', () => undefined)
      response.once('close', () => {
        clearTimeout(cut)
        resolve(answered)
      })
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
    request.once('close', () => void (responded || resolve(false)))
    request.end(bodyOf(asked))
  })
}

async function silentAddresses(
  units: readonly Unit[],
  targets: readonly URL[],
  question: Question,
  signal: AbortSignal,
): Promise<string[]> {
  const workers = units.filter((unit) => unit.role === 'worker')
  const addresses: { readonly what: string; readonly base: string; readonly question: Question }[] = [
    ...workers.flatMap(({ name, url, metricsUrl }) => {
      if (url !== undefined) return [{ what: name, base: url, question }]
      // The metrics server is ours and always knows /readyz; the app may be the user's.
      return metricsUrl === undefined ? [] : [{ what: name, base: metricsUrl, question: '/readyz' as const }]
    }),
    ...targets.map((target) => ({ what: target.origin, base: target.href, question })),
  ]
  const distinct = [...new Map(addresses.map((address) => [new URL(address.base).origin, address])).values()]
  const answered = await Promise.all(distinct.map(({ base, question }) => answers(base, question, signal)))
  return distinct.filter((_, index) => !answered[index]).map(({ what, question }) => `${what} ${silence(question)}`)
}

function silence(question: Question): string {
  if (question === null) return 'does not accept connections'
  return `does not answer ${question === '/readyz' ? question : `${question.method} ${question.path}`}`
}
