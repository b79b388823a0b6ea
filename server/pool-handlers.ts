import { LAUNCH_ENV } from '../core/unit.ts'
import { definedHandlers } from './defined-handlers.ts'
import { leavesLoop } from './executor.ts'
import type { Handler } from './handler.ts'
import { loadHandler, loadHandlers } from './handlers.ts'
import { watchListening } from './own-app/listen-watch.ts'
import { importApp } from './own-app/main-module.ts'

/** The handlers that the threads and processes of a pool run: the built-in ones, or those that the user's app defines. */
export async function loadPoolHandlers(appModule: string | null): Promise<ReadonlyMap<string, Handler>> {
  if (appModule === null) return new Map([...(await loadHandlers())].filter(([, handler]) => leavesLoop(handler)))
  watchListening(() => 'aside')
  await importApp(appModule, process.env[LAUNCH_ENV.appLoader] || null)
  return definedHandlers().handlers
}

/** The one handler of that id, as {@link loadPoolHandlers} has it, without loading the other built-in ones. */
export async function loadPoolHandler(id: string, appModule: string | null): Promise<ReadonlyMap<string, Handler>> {
  if (appModule !== null) return loadPoolHandlers(appModule)
  const handler = await loadHandler(id)
  return new Map(handler === undefined ? [] : [[id, handler]])
}
