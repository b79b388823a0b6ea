import { type DependencyOptions, type RunningDependency, startDependency } from '../cluster/dependency.ts'
import { ForkwiseError } from '../core/errors.ts'
import type { Session } from '../cluster/session.ts'
import type { Dependency } from '../loadtest/trial-context.ts'
import type { Emit } from './events.ts'

/** Most times a dependency is started again in one run: one that keeps dying has a cause that another start does not mend. */
const MOST_RESTARTS = 5

/**
 * A dependency process that is started again when it dies. What was measured while it was away is to be dropped:
 * {@link StandingDependency.trouble} says when and how it died.
 */
export class StandingDependency implements Dependency {
  readonly #start: () => Promise<RunningDependency>
  readonly #emit: Emit
  readonly #pids: number[] = []
  readonly #deaths: { readonly atMs: number; readonly text: string }[] = []
  #running: RunningDependency
  #restarting: Promise<void> | null = null
  #closed = false

  private constructor(start: () => Promise<RunningDependency>, running: RunningDependency, emit: Emit) {
    this.#start = start
    this.#emit = emit
    this.#running = running
    this.#watch(running)
  }

  /** Starts the process in a session, whose end is its end too. Throws START_FAILED, INTERRUPTED. */
  static async start(session: Session, options: DependencyOptions, emit: Emit): Promise<StandingDependency> {
    const start = (): Promise<RunningDependency> => startDependency(session, options)
    return new StandingDependency(start, await start(), emit)
  }

  /** Base URL of the process that runs now. */
  get url(): string {
    return this.#running.url
  }

  /** The processes, the present one last; the same array all the time. */
  get pids(): readonly number[] {
    return this.#pids
  }

  /** How it died at or after a time of `performance.now()`, each as the subject and verb of a sentence; empty while all is well. */
  trouble(sinceMs: number): readonly string[] {
    return this.#deaths.filter(({ atMs }) => atMs >= sinceMs).map(({ text }) => text)
  }

  /** Resolves once a process that died has been replaced. Rejects with START_FAILED when that did not succeed. */
  async ready(): Promise<void> {
    await this.#restarting
  }

  /** Ends it; its end is no trouble any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#restarting?.catch(() => undefined)
    await this.#running.stop()
  }

  async #startAgain(): Promise<void> {
    this.#running = await this.#start()
    this.#watch(this.#running)
  }

  #watch(running: RunningDependency): void {
    this.#pids.push(running.pid)
    void running.died.then((how) => this.#replace(how))
  }

  #replace(how: string): void {
    if (this.#closed) return
    const text = `the dependency process (what I/O-bound requests call) ${how}`
    this.#deaths.push({ atMs: performance.now(), text })
    if (this.#deaths.length > MOST_RESTARTS) {
      this.#restarting = Promise.reject(
        new ForkwiseError('START_FAILED', {
          message: `Expected the dependency process to stay, got that it died ${this.#deaths.length} times in this run; at last it ${how}.`,
          hint: 'Find out what ends it: the log of the kernel (dmesg) says whether memory ran out.',
        }),
      )
    } else {
      this.#emit({ type: 'part-died', part: 'dependency', how, restarted: true })
      this.#restarting = this.#startAgain()
    }
    // Whoever asks whether it is ready hears of it.
    this.#restarting.catch(() => undefined)
  }
}
