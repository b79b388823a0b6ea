import { once } from 'node:events'

/** Resolves with null once the signal is aborted, at once where it is already: to race against what may end before. */
export async function untilAborted(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort')
  return null
}
