import { ForkwiseError } from '../core/errors.ts'
import type { Load, LoadRecord, Workload } from '../core/load.ts'
import type { DriverOptions } from '../loadtest/driver.ts'
import { mergeParts } from '../loadtest/drivers/merge.ts'
import { SURELY_POSSIBLE_PER_S } from '../loadtest/drivers/open.ts'
import { planArrivals } from '../loadtest/drivers/schedule.ts'
import { monotonicMs } from '../loadtest/precise-timer.ts'
import { SharedEvents } from '../loadtest/shared-events.ts'
import type { AgentAddress } from './addresses.ts'
import { AgentLink, type AgentRun } from './agent-link.ts'
import { type AgentOutcome, agentsRecord } from './agents-record.ts'
import { driftOf } from './clock.ts'
import type { ControllerSide } from './controller-side.ts'
import { dealJobs, processesFor } from './division.ts'
import type { Probed } from './protocol.ts'

/** Questions for an agent's time before a load, and after it. */
const EXCHANGES = { before: 32, after: 8 } as const
/** From the order to begin to the first instant: this long, or four times the longest round trip. */
const START_AHEAD = { leastMs: 150, roundTrips: 4 } as const

/** An agent that takes part in a load. */
interface Taking {
  readonly link: AgentLink
  readonly network: AgentOutcome['network']
}

/** The agents that drive the loads of a run. */
export class Fleet {
  readonly #links: readonly AgentLink[]

  private constructor(links: readonly AgentLink[]) {
    this.#links = links
  }

  /** Connects to all agents; throws AGENT_UNAVAILABLE with all that are not there, and leaves no connection then. */
  static async connect(addresses: readonly AgentAddress[], side: ControllerSide): Promise<Fleet> {
    const found = await Promise.allSettled(addresses.map(async (address) => AgentLink.connect(address, side)))
    const links = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const errors = found.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    if (errors.length === 0) return new Fleet(links)
    for (const link of links) link.close()
    const unexpected = errors.find((error) => !(error instanceof ForkwiseError))
    if (unexpected !== undefined) throw unexpected
    throw new ForkwiseError(
      'AGENT_UNAVAILABLE',
      (errors as ForkwiseError[]).flatMap(({ problems }) => problems),
    )
  }

  /**
   * Drives one load from all agents at once, as a driver does from this machine. Rejects when an agent refuses, fails or is
   * lost, when a clock was stopped or set meanwhile, or when the parts do not add up: half a load is none.
   */
  async drive(
    targets: readonly URL[],
    workload: Pick<Workload, 'id' | 'requests'>,
    load: Load,
    options: DriverOptions,
  ): Promise<LoadRecord> {
    const probes = await this.#probe(targets, workload, load)
    const jobs = dealJobs(
      {
        targets: targets.map(({ origin }) => origin),
        requests: workload.requests,
        closesSilently: probes.some(({ result }) => result.closesSilently),
      },
      load,
      await this.#processesFor(load),
    )
    const taking = this.#links.flatMap((link, i) => {
      const [mine = [], probe] = [jobs[i], probes[i]]
      return mine.length === 0 || probe === undefined ? [] : [{ link, jobs: mine, network: probe.network }]
    })
    const events = new SharedEvents(taking.length, options)
    const runs = taking.map(({ link, jobs: mine }, i) => link.load(mine, (event) => events.take(i, event)))
    const stop = (): void => runs.forEach((run) => run.stop())
    options.signal.addEventListener('abort', stop, { once: true })
    try {
      const outcomes = await this.#measure(taking, runs, options.signal)
      const record = mergeParts(
        load,
        outcomes.flatMap(({ part }) => part.parts),
      )
      if (!options.signal.aborted) requireWhole(record, workload)
      return {
        ...record,
        agents: agentsRecord(outcomes),
        lifetime: {
          sent: probes.reduce((sum, { result }) => sum + result.sent, record.lifetime.sent),
          answered: probes.reduce((sum, { result }) => sum + result.answered, record.lifetime.answered),
        },
      }
    } catch (thrown) {
      stop()
      await Promise.allSettled(runs.map(async ({ part }) => part))
      throw thrown
    } finally {
      options.signal.removeEventListener('abort', stop)
    }
  }

  /** Hangs up on all agents. */
  close(): void {
    for (const link of this.#links) link.close()
  }

  async #probe(
    targets: readonly URL[],
    { id, requests }: Pick<Workload, 'id' | 'requests'>,
    { timeoutS }: Load,
  ): Promise<readonly Probed[]> {
    const [request] = requests
    if (request === undefined) throw new Error(`Expected workload \`${id}\` to have a request, got none.`)
    const origins = targets.map(({ origin }) => origin)
    return Promise.all(
      this.#links.map(async (link) => link.ask({ kind: 'probe', targets: origins, request, timeoutS })),
    )
  }

  async #processesFor(load: Load): Promise<readonly number[]> {
    if (load.kind === 'closed' || load.ratePerS <= SURELY_POSSIBLE_PER_S) return this.#links.map(() => 1)
    const neededPerS = load.ratePerS / this.#links.length
    const answers = await Promise.all(this.#links.map(async (link) => link.ask({ kind: 'ceiling', neededPerS })))
    return processesFor(
      load.ratePerS,
      answers.map(({ ceiling }) => ceiling),
    )
  }

  /** Begins together once all are ready, and has all parts; clocks are read just before and just after. */
  async #measure(
    taking: readonly Taking[],
    runs: readonly AgentRun[],
    signal: AbortSignal,
  ): Promise<readonly AgentOutcome[]> {
    await Promise.all(runs.map(async ({ ready }) => ready))
    const clocks = await Promise.all(taking.map(async ({ link }) => link.readClock(EXCHANGES.before)))
    const roundTripMs = Math.max(...clocks.map((clock) => clock.roundTripMs))
    const startAtMs = monotonicMs() + Math.max(START_AHEAD.leastMs, START_AHEAD.roundTrips * roundTripMs)
    runs.forEach((run, i) => run.begin(startAtMs + (clocks[i]?.offsetMs ?? 0)))
    if (signal.aborted) for (const run of runs) run.stop()
    const parts = await Promise.all(runs.map(async ({ part }) => part))
    const after = await Promise.all(taking.map(async ({ link }) => link.readClock(EXCHANGES.after)))
    const elapsedS = (monotonicMs() - startAtMs) / 1000
    return taking.map(({ link, network }, i) => {
      const [clock, part, then] = [clocks[i], parts[i], after[i]]
      if (clock === undefined || part === undefined || then === undefined)
        throw new Error('Expected a part of each agent.')
      const { driftMs, stepped } = driftOf(clock, then, elapsedS)
      if (stepped) {
        throw new ForkwiseError('TRIAL_FAILED', {
          message: `The clock of agent ${link.address} (${link.facts.host}) went ${driftMs.toFixed(1)} ms away from this machine’s during the load: one of the two was stopped or set, so that the load does not count.`,
        })
      }
      return { address: link.address, facts: link.facts, network, clock, driftMs, part }
    })
  }
}

/** Throws TRIAL_FAILED when the parts of an open loop are not the schedule that was asked for. */
function requireWhole({ load, scheduled }: LoadRecord, { requests }: Pick<Workload, 'requests'>): void {
  if (load.kind !== 'open') return
  const { instantsMs, countedFromMs } = planArrivals(load, requests)
  const expected = instantsMs.reduce((count, at) => count + (at >= countedFromMs ? 1 : 0), 0)
  if (scheduled === expected) return
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Expected the agents to schedule ${expected} requests together, got ${scheduled}: the load does not count.`,
  })
}
