import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../../cluster/model.ts'
import type { LongRequestEnd } from '../../core/resilience-record.ts'

/** A prime whose test takes one to two seconds (Node 20.20, one core of an AMD EPYC, November 2026): none takes longer. */
export const LONGEST_PRIME = '9999999999999937'

/** A request on its way that computes for seconds. */
export interface LongRequest {
  /**
   * How it ended, after at most so many seconds more; whatever is still open is given up then. Where it was answered with
   * a job, the job's address is asked once.
   */
  end(patienceS: number): Promise<LongRequestEnd>
}

type Answer = Pick<LongRequestEnd, 'status' | 'error'> & { readonly job?: string }

/** Sends one request that computes for seconds to a server that runs the built-in app; it is given up when the signal aborts. */
export function sendLongRequest(server: Pick<RunningServer, 'targets'>, signal: AbortSignal): LongRequest {
  const [target] = server.targets
  const givingUp = new AbortController()
  const ending = AbortSignal.any([signal, givingUp.signal])
  const answered: Promise<Answer> =
    target === undefined
      ? Promise.resolve({ status: null, error: null })
      : request(new URL(`/cpu/prime?n=${LONGEST_PRIME}`, target), ending)
  return {
    async end(patienceS) {
      const over = new AbortController()
      const late = sleep(patienceS * 1000, undefined, { signal: over.signal }).then(
        () => givingUp.abort(),
        () => undefined,
      )
      const { job, ...answer } = await answered
      over.abort()
      await late
      if (target === undefined || job === undefined) return answer
      const { status } = await request(new URL(job, target), AbortSignal.any([signal, AbortSignal.timeout(2000)]))
      return status === null ? answer : { ...answer, jobStatus: status }
    },
  }
}

/** One request on a connection of its own. */
function request(url: URL, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (thrown: NodeJS.ErrnoException): void =>
      resolve({ status: null, error: signal.aborted ? null : (thrown.code ?? thrown.message) })
    http
      .get(url, { agent: false, signal }, (response) => {
        const { statusCode = 0, headers } = response
        response
          .on('error', failed)
          .on('end', () =>
            resolve({
              status: statusCode,
              error: null,
              ...(statusCode === 202 && headers.location !== undefined ? { job: headers.location } : {}),
            }),
          )
          .resume()
      })
      .on('error', failed)
  })
}
