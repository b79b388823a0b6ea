import { leavesLoop } from './executor.ts'
import type { Handler } from './handler.ts'
import { loadHandlers } from './handlers.ts'

/** The handlers that the threads and processes of a pool run: the built-in ones, or those that the user's app defines. */
export async function loadPoolHandlers(appModule: string | null): Promise<ReadonlyMap<string, Handler>> {
  if (appModule !== null) throw new Error('not yet')
  return new Map([...(await loadHandlers())].filter(([, handler]) => leavesLoop(handler)))
}
