import type { ExperimentPlan } from '../../core/records.ts'

/** From this share of the announced time on, a run that takes longer says so. */
const WORTH_SAYING = 0.15

/** A budget may be exceeded by this share: the last round is seldom exactly as long as the ones before it. */
const OVER_BUDGET = 0.1

/**
 * The time that a comparison takes, learnt from its own blocks: the plan's estimate was made for another machine, other
 * models or fewer connections.
 */
export class Schedule {
  readonly #plan: Pick<ExperimentPlan, 'expectedS' | 'budgetS'>
  readonly #nowMs: () => number
  readonly #startedMs: number
  readonly #blocks = new Map<string, { count: number; seconds: number }>()
  #droppedS = 0
  #said = false

  /** `nowMs` is a monotonic clock. */
  constructor(plan: Pick<ExperimentPlan, 'expectedS' | 'budgetS'>, nowMs: () => number) {
    this.#plan = plan
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
  }

  /** Takes down how long a block took; the time of one that was dropped comes on top of a budget. */
  blockDone(workload: string, seconds: number, kept: boolean): void {
    const known = this.#blocks.get(workload) ?? { count: 0, seconds: 0 }
    this.#blocks.set(workload, { count: known.count + 1, seconds: known.seconds + seconds })
    if (!kept) this.#droppedS += seconds
  }

  /** Seconds that `count` more blocks of each workload take, by the ones so far; 0 for a workload that had none. */
  secondsOf(blocks: Iterable<readonly [workload: string, count: number]>): number {
    let seconds = 0
    for (const [workload, count] of blocks) {
      const known = this.#blocks.get(workload)
      if (known !== undefined) seconds += (count * known.seconds) / known.count
    }
    return seconds
  }

  /** Whether the named workloads can have another block each within the budget; always so where there is none. */
  hasTimeFor(workloads: readonly string[]): boolean {
    const { budgetS } = this.#plan
    if (budgetS === undefined) return true
    const elapsedS = (this.#nowMs() - this.#startedMs) / 1000
    const nextS = this.secondsOf(workloads.map((workload) => [workload, 1]))
    return elapsedS + nextS <= budgetS * (1 + OVER_BUDGET) + this.#droppedS
  }

  /** Once, when the whole is going to take clearly longer than was announced for reasons other than dropped blocks: by how many seconds; else null. */
  lateByS(leftS: number): number | null {
    const elapsedS = (this.#nowMs() - this.#startedMs) / 1000
    const lateS = elapsedS - this.#droppedS + leftS - this.#plan.expectedS
    if (this.#said || lateS <= WORTH_SAYING * this.#plan.expectedS) return null
    this.#said = true
    return lateS
  }
}
