import type { RunningServer } from '../../cluster/model.ts'
import { messageOf } from '../../core/errors.ts'
import { addLedgers, type LedgerSecond } from '../../core/ledger.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed } from '../../core/random.ts'
import type { DriverProgress } from '../../loadtest/driver-progress.ts'
import type { ClientPolicy } from '../../loadtest/drivers/steering.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import type { DrillLoad } from './drill.ts'

/** A drill ends by itself long before its loads do. */
const LOAD_S = 7200

/** What the clients did since they were last asked. */
export interface ClientsSecond {
  readonly ledger: LedgerSecond
  /** Requests that the loads had to send, by route. */
  readonly asked: Readonly<Record<string, number>>
}

/** The loads of a drill in one ledger. */
export class Clients {
  readonly #context: TrialContext
  readonly #seed: number
  readonly #server: () => RunningServer
  readonly #steers: ((policy: ClientPolicy) => void)[] = []
  readonly #running: Promise<void>[] = []
  #policy: ClientPolicy = {}
  #heard: ClientsSecond[] = []
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
    const shares = sharesOf(load)
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
        },
        onProgress: (progress) => {
          // The generator's truth on the live page is that of the first load: users.
          if (number === 0) observation.progress(progress)
          if (number === 0) this.heardMs = performance.now()
          this.#hear(progress, shares)
        },
      },
    )
    this.#running.push(this.#watchEnd(running))
  }

  /** Changes how the clients of all loads behave, those that begin later included. */
  steer(policy: ClientPolicy): void {
    this.#policy = { ...this.#policy, ...policy }
    for (const steer of this.#steers) steer(policy)
  }

  /** What was heard since it was last asked. */
  take(): ClientsSecond {
    const heard = this.#heard
    this.#heard = []
    const asked: Record<string, number> = {}
    for (const { asked: of } of heard) {
      for (const [route, count] of Object.entries(of)) asked[route] = (asked[route] ?? 0) + count
    }
    return { ledger: addLedgers(heard.map(({ ledger }) => ledger)), asked }
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

  #hear({ ledger }: DriverProgress, asked: Readonly<Record<string, number>>): void {
    if (ledger !== undefined) this.#heard.push({ ledger, asked })
  }
}

/** Requests that a load has to send in a second, by route. */
function sharesOf({ requests, ratePerS }: DrillLoad): Record<string, number> {
  const sum = requests.reduce((weights, { weight }) => weights + weight, 0)
  const shares: Record<string, number> = {}
  for (const { route, weight } of requests) shares[route] = (shares[route] ?? 0) + (ratePerS * weight) / sum
  return shares
}
