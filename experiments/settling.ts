import type { TrialContext } from '../loadtest/trial-context.ts'
import { GATES } from '../loadtest/validity.ts'
import type { Emit } from './events.ts'

/** How long a run may wait, in all, for other programs to leave the machine alone. */
export interface Patience {
  leftS: number
}

/** Length of one look at the machine, and the longest wait before one block or launch, in seconds. */
const LOOK_S = 0.25
const LONGEST_S = 10

/** Waits until other programs leave the machine alone, as long as patience lasts; each look that finds them is an event. */
export async function waitUntilSettled(
  { host, cores, signal }: Pick<TrialContext, 'host' | 'cores' | 'signal'>,
  patience: Patience,
  emit: Emit,
): Promise<void> {
  for (let waitedS = 0; waitedS < LONGEST_S && patience.leftS > 0; waitedS += LOOK_S) {
    const foreignCores = await host.foreignCores(LOOK_S)
    signal.throwIfAborted()
    if (foreignCores / cores <= GATES.foreignPerCore) return
    patience.leftS -= LOOK_S
    emit({ type: 'waiting', foreignCores })
  }
}
