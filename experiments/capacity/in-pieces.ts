import { setImmediate } from 'node:timers/promises'
import type { Pieces } from '../../analysis/pieces.ts'
import type { Emit } from '../events.ts'

/** Computes piece by piece; between two of them events are delivered, and an abort is heard. Rejects when it is aborted. */
export async function inPieces<T>(pieces: Pieces<T>, signal: AbortSignal, emit: Emit): Promise<T> {
  for (;;) {
    await setImmediate()
    signal.throwIfAborted()
    const next = pieces.next()
    if (next.done === true) return next.value
    if (next.value !== undefined) emit({ type: 'computing', what: next.value })
  }
}
