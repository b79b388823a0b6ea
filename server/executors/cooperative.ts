import type { ExecutorKind } from '../executors.ts'
import { SliceQueue } from '../slice-queue.ts'
import { isSliced } from '../slices.ts'

/** Computes on the event loop in slices and lets the loop turn between them: the "power nap" of an async server. */
export const executor: ExecutorKind = {
  id: 'cooperative',
  summary: 'On the event loop in slices of a few ms: computing is shared out fairly, but still has one core.',
  create: ({ onWait }) => {
    const queue = new SliceQueue(onWait)
    return Promise.resolve({
      id: 'cooperative',
      run: async (handler, input, context) => {
        const work = handler.run(input, context)
        return isSliced(work) ? queue.run(work, context.signal) : work
      },
      pool: () => queue.figures(),
      close: () => Promise.resolve(queue.close()),
    })
  },
}
