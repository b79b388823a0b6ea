import type { HandlerContext } from '../../server/handler.ts'

/** The surroundings of a handler that needs none. */
export function idleContext(changes: Partial<HandlerContext> = {}): HandlerContext {
  return {
    signal: new AbortController().signal,
    upstreamUrl: '',
    filesDir: '',
    compute: () => Promise.reject(new Error('Expected no computing.')),
    ...changes,
  }
}
