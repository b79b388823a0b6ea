import type { Readable } from 'node:stream'

/** Where a handler's time goes: computing, waiting, or both. */
export type HandlerKind = 'cpu' | 'io' | 'mixed'

/** What a handler may use of its surroundings, whoever runs it. */
export interface HandlerContext {
  /**
   * Aborted when the client went away or the server gives the request up. Made on first use, since an AbortSignal costs
   * about 3 µs: a handler that has nothing to give back does not touch it.
   */
  readonly signal: AbortSignal
  /** Base URL of the dependency process. */
  readonly upstreamUrl: string
  /** Folder with the files that `io-file` serves. */
  readonly filesDir: string
  /** Runs a CPU handler where the server's executor runs such work: how a handler that waits hands its computing over. */
  compute<In, Out>(handler: Handler<In, Out>, input: In): Promise<Out>
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
  /**
   * True when its computing happens off the event loop by itself (native code on the threads of libuv): pools leave it
   * where it is, since a thread of theirs would only wait for it.
   */
  readonly offLoop?: boolean
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

/** The dependency did not answer as expected: answered with 502 and a problem body. */
export class DependencyFailed extends Error {
  /** What it is answered with. */
  readonly status: number = 502

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'DependencyFailed'
  }
}

/** The dependency did not answer within its deadline: answered with 504 and a problem body. */
export class DependencyLate extends DependencyFailed {
  override readonly status: number = 504
}
