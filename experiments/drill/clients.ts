import type { RunningServer } from '../../cluster/model.ts'
import { messageOf } from '../../core/errors.ts'
import { addLedgers, type LedgerSecond } from '../../core/ledger.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed } from '../../core/random.ts'
import { addPolicies, type ClientPolicy } from '../../loadtest/drivers/steering.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { DrillLoad } from './drill.ts'

/** A drill ends by itself long before its loads do. */
const LOAD_S = 7200

/** What the clients did since they were last asked. */
export interface ClientsSecond {
  readonly ledger: LedgerSecond
  /** Requests that the loads had to send, by route: as their rates say, whether or not anything was heard of them. */
  readonly asked: Readonly<Record<string, number>>
}

/** A load and until when it was counted what it had to send, of `performance.now()`; null before its first report. */
interface BegunLoad {
  readonly shares: Readonly<Record<string, number>>
  countedToMs: number | null
}

/** The loads of a drill in one ledger. */
export class Clients {
  readonly #context: TrialContext
  readonly #seed: number
  readonly #server: () => RunningServer
  readonly #steers: ((policy: ClientPolicy) => void)[] = []
  readonly #running: Promise<void>[] = []
  /** Each resolves when its load has found the server, or is over. */
  readonly #found: Promise<void>[] = []
  readonly #begun: BegunLoad[] = []
  #policy: ClientPolicy = {}
  #heard: LedgerSecond[] = []
  #loads = 0
  /** When the first load last reported, of `performance.now()`; null before it began. */
  heardMs: number | null = null
  /** Why a load is no more, in words; null while all run. */
  failure: string | null = null

  /** `server` gives the one that runs when a load begins. */
  constructor(context: TrialContext, seed: number, server: () => RunningServer) {
    this.#context = context
    this.#seed = seed
    this.#server = server
  }

  /** Begins a load, which lasts until the signal of the context aborts. */
  begin(load: DrillLoad): void {
    const number = this.#loads++
    const { instrument, observation, signal } = this.#context
    const { requests, ...sending } = load
    const workload: Pick<Workload, 'id' | 'requests'> = { id: `drill-${number}`, requests }
    const begun: BegunLoad = { shares: sharesOf(load), countedToMs: null }
    this.#begun.push(begun)
    let noteFound = (): void => undefined
    this.#found.push(new Promise<void>((resolve) => (noteFound = resolve)))
    const running = instrument.drive(
      this.#server().targets,
      workload,
      {
        kind: 'open',
        ...sending,
        durationS: LOAD_S,
        seed: deriveSeed(this.#seed, 'load', number),
      },
      {
        signal,
        tallied: true,
        onSteering: (steer) => {
          this.#steers.push(steer)
          steer(this.#policy)
          noteFound()
        },
        onProgress: (progress) => {
          // The generator's truth on the live page is that of the first load: users.
          if (number === 0) observation.progress(progress)
          if (number === 0) this.heardMs = performance.now()
          begun.countedToMs ??= performance.now() - progress.elapsedS * 1000
          if (progress.ledger !== undefined) this.#heard.push(progress.ledger)
        },
      },
    )
    this.#running.push(this.#watchEnd(running).finally(noteFound))
  }

  /** Resolves when every load that has begun has found the server: it could not if that went away before. */
  async found(): Promise<void> {
    await Promise.all(this.#found)
  }

  /** Changes how the clients of all loads behave, those that begin later included. */
  steer(policy: ClientPolicy): void {
    this.#policy = addPolicies(this.#policy, policy)
    for (const steer of this.#steers) steer(policy)
  }

  /** What was heard since it was last asked. */
  take(): ClientsSecond {
    const heard = this.#heard
    this.#heard = []
    const nowMs = performance.now()
    const asked: Record<string, number> = {}
    for (const load of this.#begun) {
      if (load.countedToMs === null) continue
      const elapsedS = (nowMs - load.countedToMs) / 1000
      load.countedToMs = nowMs
      for (const [route, ratePerS] of Object.entries(load.shares)) {
        asked[route] = (asked[route] ?? 0) + ratePerS * elapsedS
      }
    }
    return { ledger: addLedgers(heard), asked }
  }

  /** Resolves when every load is over; the signal has to be aborted for it. */
  async end(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #watchEnd(running: Promise<unknown>): Promise<void> {
    const { signal } = this.#context
    try {
      await running
      if (!signal.aborted) this.failure ??= 'the load is over'
    } catch (thrown) {
      if (!signal.aborted) this.failure ??= messageOf(thrown)
    }
  }
}

/** Requests that a load has to send in a second, by route. */
function sharesOf({ requests, ratePerS }: DrillLoad): Record<string, number> {
  const sum = requests.reduce((weights, { weight }) => weights + weight, 0)
  const shares: Record<string, number> = {}
  for (const { route, weight } of requests) shares[route] = (shares[route] ?? 0) + (ratePerS * weight) / sum
  return shares
}
