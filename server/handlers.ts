import { loadFolder, loadFromFolder } from './folder.ts'
import type { Handler, HandlerKind, Parameter } from './handler.ts'

/** What a handler is, as plain data: for workloads, `list` and the documentation. */
export interface HandlerDescription {
  readonly id: string
  readonly path: string
  readonly kind: HandlerKind
  readonly summary: string
  readonly parameters: readonly Parameter[]
}

const FOLDER = new URL('handlers/', import.meta.url)

/** Every built-in handler by id, in alphabetical order: one file in handlers/ each, its id the file's name. */
export async function loadHandlers(): Promise<ReadonlyMap<string, Handler>> {
  return loadFolder<Handler>(FOLDER, 'handler')
}

/** One built-in handler, loading nothing of the others; undefined when there is none of that id. */
export async function loadHandler(id: string): Promise<Handler | undefined> {
  return loadFromFolder<Handler>(FOLDER, id, 'handler')
}

/** The descriptions of all built-in handlers. */
export async function describeHandlers(): Promise<readonly HandlerDescription[]> {
  const handlers = await loadHandlers()
  return [...handlers.values()].map(({ id, path, kind, summary, parameters }) => ({
    id,
    path,
    kind,
    summary,
    parameters,
  }))
}
