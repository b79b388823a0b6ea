import type { Readable } from 'node:stream'

/** Where a handler's time goes: computing, waiting, or both. */
export type HandlerKind = 'cpu' | 'io' | 'mixed'

/** What a handler may use of its surroundings, whoever runs it. Plain data but for the signal. */
export interface HandlerContext {
  /** Aborted when the client went away or the server gives the request up. */
  readonly signal: AbortSignal
  /** Base URL of the dependency process. */
  readonly upstreamUrl: string
  /** Folder with the files that `io-file` serves. */
  readonly filesDir: string
}

/** A body that is streamed instead of sent as JSON. */
export interface StreamedBody {
  readonly contentType: string
  readonly lengthBytes: number
  readonly stream: Readable
}

/** One parameter of a handler's query string, for docs, `list` and the error messages. */
export interface Parameter {
  readonly name: string
  readonly meaning: string
  /** Used when the query lacks it. */
  readonly fallback: string
  readonly min?: string
  readonly max?: string
}

/**
 * One function of the app under test. Written once; it knows nothing of executors or server models. `run` may return
 * its answer, a promise of it, or a generator that yields between slices of its work, so that a cooperative executor
 * can let the event loop turn in between.
 */
export interface Handler<In = unknown, Out = unknown> {
  readonly id: string
  readonly path: `/${string}`
  readonly kind: HandlerKind
  /** One sentence on what it does and what it stands for. */
  readonly summary: string
  readonly parameters: readonly Parameter[]
  /** Reads the query; throws a {@link BadRequest} that lists every problem. The result is structured-cloneable. */
  parse(query: URLSearchParams): In
  run(input: In, context: HandlerContext): Out | Promise<Out> | Generator<void, Out>
}

/** Input outside of a handler's bounds: answered with 400 and a problem body, before any work. */
export class BadRequest extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join(' '))
    this.name = 'BadRequest'
    this.problems = problems
  }
}
