import { definedHandlers } from './defined-handlers.ts'
import { leavesLoop } from './executor.ts'
import type { Handler } from './handler.ts'
import { loadHandler, loadHandlers } from './handlers.ts'
import { captureListening } from './listen-capture.ts'
import { importApp } from './user-app.ts'

/** The handlers that the threads and processes of a pool run: the built-in ones, or those that the user's app defines. */
export async function loadPoolHandlers(appModule: string | null): Promise<ReadonlyMap<string, Handler>> {
  if (appModule === null) return new Map([...(await loadHandlers())].filter(([, handler]) => leavesLoop(handler)))
  captureListening()
  await importApp(appModule)
  return definedHandlers().handlers
}

/** The one handler of that id, as {@link loadPoolHandlers} has it, without loading the other built-in ones. */
export async function loadPoolHandler(id: string, appModule: string | null): Promise<ReadonlyMap<string, Handler>> {
  if (appModule !== null) return loadPoolHandlers(appModule)
  const handler = await loadHandler(id)
  return new Map(handler === undefined ? [] : [[id, handler]])
}
