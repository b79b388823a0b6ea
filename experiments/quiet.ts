import type { TrialContext } from '../loadtest/trial-context.ts'
import { GATES } from '../loadtest/validity.ts'

/** How long a run of measurements may wait, in all, for other programs to leave the machine alone. */
export interface Patience {
  leftS: number
}

/** Length of one look at the machine, and the longest wait before one launch, in seconds. */
const PROBE_S = 0.25
const LONGEST_S = 10

/** Waits until other programs leave the machine alone, as long as patience lasts. */
export async function waitForQuiet(
  { host, cores, signal }: TrialContext,
  patience: Patience,
  onWaiting: (foreignCores: number) => void,
): Promise<void> {
  for (let waitedS = 0; waitedS < LONGEST_S && patience.leftS > 0; waitedS += PROBE_S) {
    const foreignCores = await host.foreignCores(PROBE_S)
    signal.throwIfAborted()
    if (foreignCores / cores <= GATES.foreignPerCore) return
    patience.leftS -= PROBE_S
    onWaiting(foreignCores)
  }
}
