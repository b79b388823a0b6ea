import type { Pool } from 'undici'
import { monotonicS } from '../clock.ts'
import { dependencyCalls } from '../dependency-calls.ts'
import { dependencyGuard } from '../dependency-guard.ts'
import { DependencyFailed, DependencyLate, type Handler } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'

const PARAMETERS = {
  ms: { name: 'ms', meaning: 'time the dependency takes', fallback: '50', min: '0', max: '10000' },
} as const

/** Input of `io-upstream`: how long the dependency is to take, in milliseconds. */
export interface UpstreamInput {
  readonly ms: number
}

/** Answer of `io-upstream`: what the dependency said. */
export interface UpstreamAnswer {
  readonly ms: number
  readonly upstream: unknown
}

/** Connections to each dependency, shared by all requests of the process and kept open. */
const pools = new Map<string, Pool>()

/**
 * Calls the dependency process over HTTP with keep-alive and passes its answer on. It does not watch the signal: the call
 * has a connection of its own, and an answer that nobody waits for costs less than a signal for every request.
 */
export const handler: Handler<UpstreamInput, UpstreamAnswer> = {
  id: 'io-upstream',
  path: '/io/upstream',
  kind: 'io',
  summary: 'Calls another process over HTTP and waits for its answer: what most services do most of the time.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => ({ ms: Number(readWholeNumbers(query, PARAMETERS).ms) }),
  async run({ ms }, { upstreamUrl }) {
    if (upstreamUrl === '') {
      throw new DependencyFailed('There is no dependency to call: set `FORKWISE_UPSTREAM` to the address of one.')
    }
    const guard = dependencyGuard()
    const upstream = await guard.run(async () => {
      const startedS = monotonicS()
      try {
        return await ask(upstreamUrl, `/delay?ms=${ms}`, guard.policy.deadlineMs)
      } finally {
        dependencyCalls.publish(monotonicS() - startedS)
      }
    })
    return { ms, upstream }
  },
}

/**
 * Asks the dependency with undici's lowest interface, which costs 31 µs of CPU a call where `request` costs 38 and
 * node:http 52 (Node 20, 2 shared cores, 50 at once, November 2026).
 */
async function ask(upstreamUrl: string, path: string, deadlineMs: number | null): Promise<unknown> {
  const pool = pools.get(upstreamUrl) ?? (await openPool(upstreamUrl))
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new DependencyFailed('The dependency did not answer.', { cause }))
    const chunks: Buffer[] = []
    let status = 0
    let giveUp: ((reason: Error) => void) | null = null
    let late: DependencyLate | null = null
    const deadline =
      deadlineMs === null
        ? undefined
        : setTimeout(() => {
            late = new DependencyLate(`The dependency did not answer within ${deadlineMs} ms.`)
            giveUp?.(late)
            reject(late)
          }, deadlineMs)
    pool.dispatch(
      { path, method: 'GET' },
      {
        onRequestStart: (controller) => {
          giveUp = (reason) => controller.abort(reason)
          if (late !== null) giveUp(late)
        },
        onResponseStart: (_controller, statusCode) => {
          status = statusCode
        },
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd: () => {
          clearTimeout(deadline)
          try {
            if (status !== 200) throw new Error(`The dependency answered with status ${status}.`)
            resolve(JSON.parse(Buffer.concat(chunks).toString()))
          } catch (error) {
            fail(error)
          }
        },
        onResponseError: (_controller, error) => {
          clearTimeout(deadline)
          fail(error)
        },
      },
    )
  })
}

/** Loads the client on first use: processes that never call out do without its memory. */
async function openPool(upstreamUrl: string): Promise<Pool> {
  // By its file: under the bare name Bun has one of its own, which lacks this interface.
  const undici = await import('undici/index.js')
  const known = pools.get(upstreamUrl)
  if (known !== undefined) return known
  const pool = new undici.Pool(upstreamUrl, { connections: null, pipelining: 1, keepAliveTimeout: 60_000 })
  pools.set(upstreamUrl, pool)
  return pool
}
