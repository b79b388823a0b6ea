import type { Executor } from './executor.ts'
import type { Handler, HandlerContext } from './handler.ts'
import { hereContext } from './here-context.ts'
import { runToEnd } from './slices.ts'

/** The handlers that the app of this thread has defined, and what runs them. */
export interface HandlerRegistry {
  readonly handlers: Map<string, Handler>
  /** Without an executor, as in the app's own tests, a handler runs where it is called. */
  run: (handler: Handler, input: unknown, signal: AbortSignal | undefined) => unknown
}

const KEY = Symbol.for('forkwise.handlers')

/** The registry of this thread: one even when an app brings its own copy of this package. */
export function definedHandlers(): HandlerRegistry {
  const holder = globalThis as { [KEY]?: HandlerRegistry }
  holder[KEY] ??= {
    handlers: new Map(),
    run: (handler, input, signal) => runToEnd(handler.run(input, hereContext(signal && { signal }))),
  }
  return holder[KEY]
}

/** From now on the executor runs what the app of this thread has defined. */
export function runDefinedHandlersOn(executor: Executor): void {
  definedHandlers().run = (handler, input, signal) => {
    const context: HandlerContext = {
      ...hereContext(signal && { signal }),
      compute: <I, O>(other: Handler<I, O>, value: I) => executor.run(other, value, context) as Promise<O>,
    }
    return executor.run(handler, input, context)
  }
}
