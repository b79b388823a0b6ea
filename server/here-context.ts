import type { HandlerContext } from './handler.ts'
import { runToEnd } from './slices.ts'

/** A signal that never aborts: a task that nobody wants any more is ended from outside. */
const NEVER: AbortSignal = new AbortController().signal

/** Surroundings for work that runs right here, in this thread; what it hands over runs here too. */
export function hereContext(surroundings: Partial<Omit<HandlerContext, 'compute'>> = {}): HandlerContext {
  const context: HandlerContext = {
    signal: NEVER,
    upstreamUrl: '',
    filesDir: '',
    compute: async (handler, input) => runToEnd(handler.run(input, context)),
    ...surroundings,
  }
  return context
}
