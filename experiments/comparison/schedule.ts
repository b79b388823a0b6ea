import type { ExperimentPlan } from '../../core/records.ts'

/** From this share of the announced time on, a run that takes longer says so. */
const WORTH_SAYING = 0.15

/** A budget may be exceeded by this share: the last round is seldom exactly as long as the ones before it. */
const OVER_BUDGET = 0.1

/** Launches to come under one workload. */
export type Launches = readonly [workload: string, launches: number]

/**
 * The time that a comparison takes, learnt from its own launches: the plan's estimate was made for another machine, other
 * models or fewer connections.
 */
export class Schedule {
  readonly #plan: Pick<ExperimentPlan, 'expectedS' | 'budgetS'>
  readonly #nowMs: () => number
  readonly #startedMs: number
  readonly #known = new Map<string, { launches: number; seconds: number }>()
  #lostS = 0
  #said = false

  /** `nowMs` is a monotonic clock. */
  constructor(plan: Pick<ExperimentPlan, 'expectedS' | 'budgetS'>, nowMs: () => number) {
    this.#plan = plan
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
  }

  /** Takes down how long the launches of a block took; the time of one that is lost comes on top of what was announced. */
  blockDone([workload, launches]: Launches, seconds: number, lost: boolean): void {
    const known = this.#known.get(workload) ?? { launches: 0, seconds: 0 }
    this.#known.set(workload, { launches: known.launches + launches, seconds: known.seconds + seconds })
    if (lost) this.#lostS += seconds
  }

  /** Seconds that so many launches under each workload take, by the ones so far; 0 for a workload that had none. */
  secondsOf(coming: Iterable<Launches>): number {
    let seconds = 0
    for (const [workload, launches] of coming) {
      const known = this.#known.get(workload)
      if (known !== undefined) seconds += (launches * known.seconds) / known.launches
    }
    return seconds
  }

  /** Whether these launches end within the budget; always so where there is none. */
  isWithinBudget(coming: Iterable<Launches>): boolean {
    const { budgetS } = this.#plan
    return budgetS === undefined || this.secondsOf(coming) <= this.#leftS(budgetS * (1 + OVER_BUDGET))
  }

  /** Whether these launches end within the time that was announced: the budget, or what the plan expects. */
  isWithinAnnounced(coming: Iterable<Launches>): boolean {
    return this.secondsOf(coming) <= this.announcedLeftS()
  }

  /** Seconds that are left of the announced time. */
  announcedLeftS(): number {
    return this.#leftS(this.#plan.budgetS ?? this.#plan.expectedS)
  }

  /** Once, when the whole is going to take clearly longer than was announced for reasons other than lost blocks: by how many seconds; else null. */
  lateByS(leftS: number): number | null {
    const { expectedS } = this.#plan
    const lateS = leftS - this.#leftS(expectedS)
    if (this.#said || lateS <= WORTH_SAYING * expectedS) return null
    this.#said = true
    return lateS
  }

  /** Seconds left of a total to which the time of lost blocks is added. */
  #leftS(totalS: number): number {
    return totalS + this.#lostS - (this.#nowMs() - this.#startedMs) / 1000
  }
}
