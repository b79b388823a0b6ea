import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { acceptsConnections } from '../core/accepts-connections.ts'
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
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), watch.timeoutS * 1000)
  // A question that would outlast the whole wait ends with it.
  const signal = AbortSignal.any([watch.signal, over.signal])
  const answering = new Set<string>()
  let missing: string[] = []
  try {
    while (!over.signal.aborted) {
      watch.signal.throwIfAborted()
      const units = await watch.units()
      missing = topologyDifference(watch.topology, units)
      if (missing.length === 0) {
        missing = await silentAddresses(addressesOf(units, watch), answering, signal)
        if (missing.length === 0) return units
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    }
  } finally {
    clearTimeout(timer)
  }
  watch.signal.throwIfAborted()
  throw new NotReady(watch.timeoutS, missing)
}

/** True when the server at an address answers a question as it should. */
export function answers(base: string | URL, question: Question, signal?: AbortSignal): Promise<boolean> {
  return question === null ? accepts(new URL(base)) : responds(new URL(base), question, signal)
}

function accepts({ hostname, port }: URL): Promise<boolean> {
  return acceptsConnections({ host: hostname, port: Number(port || 80) }, READYZ_TIMEOUT_MS)
}

function responds(base: URL, question: Exclude<Question, null>, signal?: AbortSignal): Promise<boolean> {
  const asked: FirstRequest = question === '/readyz' ? { method: 'GET', path: '/readyz' } : question
  return new Promise((resolve) => {
    const request = http.request(new URL(asked.path, base), {
      method: asked.method,
      // No connection is kept: an idle one would hold up the server's end.
      agent: false,
      ...(asked.headers === undefined ? {} : { headers: { ...asked.headers } }),
      ...(signal === undefined ? {} : { signal }),
    })
    let responded = false
    const late = setTimeout(() => request.destroy(), question === '/readyz' ? READYZ_TIMEOUT_MS : ANSWER_TIMEOUT_MS)
    request.once('response', (response) => {
      responded = true
      clearTimeout(late)
      const answered = question !== '/readyz' || response.statusCode === 200
      const cut = setTimeout(() => request.destroy(), BODY_TIMEOUT_MS)
      response.resume()
      response.on('error', () => undefined)
      response.once('close', () => {
        clearTimeout(cut)
        resolve(answered)
      })
    })
    request.once('error', () => resolve(false))
    request.once('close', () => {
      clearTimeout(late)
      if (!responded) resolve(false)
    })
    request.end(bodyOf(asked))
  })
}

/** Where something is asked, and what is said of it when it does not answer. */
interface Address {
  readonly what: string
  readonly base: string
  readonly question: Question
}

function addressesOf(units: readonly Unit[], watch: ReadinessWatch): Address[] {
  const { question } = watch
  const addresses: Address[] = [
    ...units.flatMap(({ role, name, url, metricsUrl }) => {
      if (role !== 'worker') return []
      if (url !== undefined) return [{ what: name, base: url, question }]
      // The metrics server is ours and always knows /readyz; the app may be the user's.
      return metricsUrl === undefined ? [] : [{ what: name, base: metricsUrl, question: '/readyz' as const }]
    }),
    ...watch.targets(units).map((target) => ({ what: target.origin, base: target.href, question })),
  ]
  return [...new Map(addresses.map((address) => [new URL(address.base).origin, address])).values()]
}

/**
 * Asks all addresses and names those that do not answer; `answering` keeps which did. Where the signal ends the questions,
 * an address that answered before has only been asked too late, and is not named beside others.
 */
async function silentAddresses(
  addresses: readonly Address[],
  answering: Set<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const answered = await Promise.all(addresses.map(({ base, question }) => answers(base, question, signal)))
  const silent = addresses.filter((_, index) => !answered[index])
  const askedTooLate = ({ base }: Address): boolean => signal.aborted && answering.has(base)
  const named = silent.every(askedTooLate) ? silent : silent.filter((address) => !askedTooLate(address))
  for (const [index, { base }] of addresses.entries()) {
    if (answered[index] === true) answering.add(base)
    else answering.delete(base)
  }
  return named.map(({ what, question }) => `${what} ${silence(question)}`)
}

function silence(question: Question): string {
  if (question === null) return 'does not accept connections'
  return `does not answer ${question === '/readyz' ? question : `${question.method} ${question.path}`}`
}
