import { definedHandlers } from './defined-handlers.ts'
import type { Handler } from './handler.ts'

/** A piece of computing that an app hands to Forkwise, so that it can run in a pool. */
export interface HandlerDefinition<In, Out> {
  /** Name by which the pool's threads find it; unique in the app. */
  readonly id: string
  /** The computing. Input and output are copied between threads, so they are plain data. A generator can be sliced. */
  run(input: In): Out | Promise<Out> | Generator<void, Out>
}

/** Runs the computing wherever the server's executor runs such work. Rejects with what it threw. */
export type DefinedHandler<In, Out> = (input: In, options?: { readonly signal?: AbortSignal }) => Promise<Out>

/**
 * Defines a CPU handler of an app. The function that it returns is called from the app's routes; under a pool the work
 * runs in another thread or process, which loads the app's module for it, and else right here. When the pool is full it
 * rejects with an error of status 503, which Express answers as such.
 *
 *     export const price = defineHandler({ id: 'price', run: (order) => computePrice(order) })
 *     app.post('/price', async (request, response) => response.json(await price(request.body)))
 */
export function defineHandler<In, Out>(definition: HandlerDefinition<In, Out>): DefinedHandler<In, Out> {
  const { id } = definition
  const registry = definedHandlers()
  if (registry.handlers.has(id))
    throw new Error(`Expected the id of a handler to be its own; "${id}" is defined twice.`)
  const handler: Handler<In, Out> = {
    id,
    path: `/${id}`,
    kind: 'cpu',
    summary: 'Defined by the app.',
    parameters: [],
    parse: () => {
      throw new Error('A handler of an app gets its input from the app.')
    },
    run: (input) => definition.run(input),
  }
  registry.handlers.set(id, handler)
  return async (input, options) => (await registry.run(handler, input, options?.signal)) as Out
}
