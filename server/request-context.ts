import type { ServerResponse } from 'node:http'
import type { Executor } from './executor.ts'
import type { Handler, HandlerContext } from './handler.ts'

/** The surroundings that all requests of a process share. */
export type Surroundings = Pick<HandlerContext, 'upstreamUrl' | 'filesDir'>

/** What one request's handler may use. The abort signal is made when it is first asked for. */
export class RequestContext implements HandlerContext {
  readonly #surroundings: Surroundings
  readonly #executor: Executor
  readonly #response: ServerResponse
  #signal: AbortSignal | undefined

  constructor(surroundings: Surroundings, executor: Executor, response: ServerResponse) {
    this.#surroundings = surroundings
    this.#executor = executor
    this.#response = response
  }

  get upstreamUrl(): string {
    return this.#surroundings.upstreamUrl
  }

  get filesDir(): string {
    return this.#surroundings.filesDir
  }

  get signal(): AbortSignal {
    this.#signal ??= abortedWhenClosed(this.#response)
    return this.#signal
  }

  compute<In, Out>(handler: Handler<In, Out>, input: In): Promise<Out> {
    return this.#executor.run(handler, input, this) as Promise<Out>
  }
}

function abortedWhenClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => {
    if (!response.writableFinished) controller.abort(new Error('The client left.'))
  }
  if (response.destroyed) abort()
  else response.on('close', abort)
  return controller.signal
}
