/** What a handler's `run` may return: its answer, a promise of it, or a generator that yields between slices. */
export type Work<Out> = Out | Promise<Out> | Generator<void, Out>

/** Whether the work comes in slices. */
export function isSliced<Out>(work: Work<Out>): work is Generator<void, Out> {
  return typeof work === 'object' && work !== null && 'next' in work && typeof work.next === 'function'
}

/** Runs sliced work without a pause; anything else is returned as it is. */
export function runToEnd<Out>(work: Work<Out>): Out | Promise<Out> {
  if (!isSliced(work)) return work
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
