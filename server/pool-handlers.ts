import { definedHandlers } from './defined-handlers.ts'
import { leavesLoop } from './executor.ts'
import type { Handler } from './handler.ts'
import { loadHandlers } from './handlers.ts'
import { captureListening } from './listen-capture.ts'
import { importApp } from './user-app.ts'

/** The handlers that the threads and processes of a pool run: the built-in ones, or those that the user's app defines. */
export async function loadPoolHandlers(appModule: string | null): Promise<ReadonlyMap<string, Handler>> {
  if (appModule === null) return new Map([...(await loadHandlers())].filter(([, handler]) => leavesLoop(handler)))
  captureListening()
  await importApp(appModule)
  return definedHandlers().handlers
}
