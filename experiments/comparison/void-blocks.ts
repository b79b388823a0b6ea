import type { TrialRecord } from '../../core/records.ts'

/** Blocks of a workload that a model may cost by what ends in its trials. */
const MOST_EACH = 1

/**
 * Decides which blocks are void because a trial failed or a process ended in it. The first time that may be chance (a
 * process that was killed, a generator that died), and the block is measured again. After that it is what this model does
 * under this workload: its trials say so, and the others keep theirs.
 */
export class VoidBlocks {
  readonly #voided = new Map<string, number>()

  /** Why the block of a trial is void; null when it stands. */
  reasonOf(trial: TrialRecord): string | null {
    const said = trial.outcome === 'failed' ? [firstLine(trial.error.message)] : (trial.died ?? [])
    if (said.length === 0) return null
    const key = `${trial.workload} ${trial.model}`
    const before = this.#voided.get(key) ?? 0
    this.#voided.set(key, before + 1)
    return before < MOST_EACH ? `${trial.id}: ${said.join(', ')}` : null
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1).join('').replace(/\.$/, '')
}
