import type { ExecutorKind } from '../executors.ts'
import { runToEnd } from '../slices.ts'

/** Runs each handler on the event loop, at once: what every plain Node service does. */
export const executor: ExecutorKind = {
  id: 'inline',
  summary: 'On the event loop: no overhead, and computing holds up every other request.',
  create: () =>
    Promise.resolve({
      id: 'inline',
      run: async (handler, input, context) => runToEnd(handler.run(input, context)),
      close: () => Promise.resolve(),
    }),
}
