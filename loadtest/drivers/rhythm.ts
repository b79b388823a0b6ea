/**
 * Calls back at each multiple of `intervalMs` after `startMs` (of `performance.now()`) until ended. Unlike `setInterval`
 * it does not drift: a late call does not make the following ones late. Calls that were missed are not made up for; each
 * receives the number of intervals that are over. Returns the function that ends it.
 */
export function beat(startMs: number, intervalMs: number, callback: (intervals: number) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const schedule = (): void => {
    if (ended) return
    const nowMs = performance.now()
    const next = startMs + intervalMs * Math.max(1, Math.floor((nowMs - startMs) / intervalMs) + 1)
    timer = setTimeout(() => {
      const atMs = performance.now()
      if (atMs >= next) callback(Math.floor((atMs - startMs) / intervalMs))
      schedule()
    }, next - nowMs)
  }
  schedule()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}

/**
 * How often requests are checked against their timeout, in milliseconds: fifty times within it, between 10 and 100. An
 * answer that comes too late counts as a timeout anyway; each check takes a core from the server for a moment.
 */
export function sweepIntervalMs(timeoutS: number): number {
  return Math.min(100, Math.max(10, (timeoutS * 1000) / 50))
}

/** Resolves at an instant of `performance.now()`, or as soon as the signal aborts. */
export async function until(instantMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const arrive = (): void => {
      const leftMs = instantMs - performance.now()
      if (leftMs > 0 && !signal.aborted) {
        timer = setTimeout(arrive, leftMs)
        return
      }
      clearTimeout(timer)
      signal.removeEventListener('abort', arrive)
      resolve()
    }
    let timer = setTimeout(arrive, Math.max(0, instantMs - performance.now()))
    signal.addEventListener('abort', arrive)
  })
}

/** Resolves once the condition holds, at an instant of `performance.now()`, or when the signal aborts. */
export async function untilTrue(condition: () => boolean, atLatestMs: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const endChecks = beat(performance.now(), 2, () => {
    if (signal.aborted || condition()) over.abort()
  })
  await until(atLatestMs, over.signal)
  endChecks()
}
