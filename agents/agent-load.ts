import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { type Settleable, settleable } from '../core/settleable.ts'
import type { GeneratorProcesses } from '../loadtest/generator-processes.ts'
import type { GeneratorJob } from '../loadtest/generator-protocol.ts'
import { runGenerators } from '../loadtest/generator.ts'
import { monotonicMs } from '../loadtest/precise-timer.ts'
import type { Failure, FromAgent } from './protocol.ts'

/** One load that an agent runs for its controller: generator processes as on one machine, begun and ended from afar. */
export class AgentLoad {
  /** Resolves when the load is over and nothing of it is left; never rejects. */
  readonly over: Promise<void>
  readonly #stopping = new AbortController()
  readonly #start: Settleable<number> = settleable()
  #beganLateMs: number | null = null

  constructor(jobs: readonly GeneratorJob[], generators: GeneratorProcesses, send: (message: FromAgent) => void) {
    this.over = this.#run(jobs, generators, send)
  }

  /** Lets it begin at an instant of this machine's monotonic clock. */
  begin(startAtMs: number): void {
    this.#start.resolve(startAtMs)
  }

  /** Ends it at once, with what was counted so far. */
  stop(): void {
    this.#stopping.abort()
    this.#start.resolve(monotonicMs())
  }

  async #run(
    jobs: readonly GeneratorJob[],
    generators: GeneratorProcesses,
    send: (message: FromAgent) => void,
  ): Promise<void> {
    const isClosed = jobs.some(({ load }) => load.kind === 'closed')
    try {
      const parts = await runGenerators(jobs, {
        signal: this.#stopping.signal,
        generators,
        startAt: async () => {
          send({ kind: 'ready' })
          const startAtMs = await this.#start.promise
          if (isClosed) await this.#waitUntil(startAtMs)
          return startAtMs
        },
        onCounting: () => send({ kind: 'counting' }),
        onCounted: () => send({ kind: 'counted' }),
        onProgress: (progress) => send({ kind: 'progress', progress }),
      })
      send({ kind: 'done', parts, beganLateMs: this.#beganLateMs })
    } catch (thrown) {
      send({ kind: 'failed', about: 'load', failure: failureOf(thrown) })
    }
  }

  /** A closed loop begins when it is told to, so that it must be told at the instant. */
  async #waitUntil(startAtMs: number): Promise<void> {
    const waitMs = startAtMs - monotonicMs()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
    this.#beganLateMs = Math.max(0, monotonicMs() - startAtMs)
  }
}

/** An error as it goes over the wire. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof ForkwiseError)) return { code: 'INTERNAL', message: messageOf(thrown) }
  const hint = thrown.problems[0]?.hint
  return { code: thrown.code, message: thrown.message, ...(hint === undefined ? {} : { hint }) }
}
