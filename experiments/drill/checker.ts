import { isServed } from '../../analysis/drill/clauses.ts'
import { LedgerWindow } from '../../analysis/drill/window.ts'
import type { DrillSecond, Judgement } from '../../core/drill-record.ts'
import { messageOf } from '../../core/errors.ts'
import type { DrillGoal } from './drill.ts'

/** Holds the goal of a drill against the last seconds of its ledger, and against nothing else. */
export class Checker {
  readonly #goal: Pick<DrillGoal, 'judge'>
  readonly #windowS: number
  #seconds: DrillSecond[] = []

  constructor(goal: Pick<DrillGoal, 'judge'>, windowS: number) {
    this.#goal = goal
    this.#windowS = windowS
  }

  /** Takes a second of the ledger; those that no window has any more are forgotten. */
  add(second: DrillSecond): void {
    this.#seconds = [...this.#seconds.filter(({ atS }) => atS > second.atS - this.#windowS), second]
  }

  /**
   * Judges the window that ends now. `sinceS` is when the fault began: before a whole window is over since then, the goal
   * cannot be met. With `trouble` nothing can be said, nor when the goal itself cannot be computed.
   */
  judge(atS: number, { sinceS, trouble }: { readonly sinceS: number; readonly trouble: string | null }): Judgement {
    if (trouble !== null) return { outcome: 'checker-failed', atS, reason: trouble }
    try {
      const window = new LedgerWindow(this.#seconds)
      const left = Math.ceil(sinceS + this.#windowS - atS)
      const clauses = [
        ...this.#goal.judge(window),
        isServed(window),
        ...(left <= 0
          ? []
          : [{ id: 'window', text: `for ${this.#windowS} s`, met: false, measured: `${left} s are left of that` }]),
      ]
      return { outcome: clauses.every(({ met }) => met) ? 'solved' : 'not-yet', atS, clauses }
    } catch (thrown) {
      return { outcome: 'checker-failed', atS, reason: `the goal could not be computed: ${messageOf(thrown)}` }
    }
  }
}
