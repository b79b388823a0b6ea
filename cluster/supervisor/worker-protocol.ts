/** What a worker sends to its supervisor, besides the `ready` of the app itself. */
export type WorkerMessage = { readonly type: 'forkwise:beat' } | { readonly type: 'forkwise:recycle' }

/** Variables from a supervisor to its worker. */
export const WORKER_ENV = {
  /** Milliseconds between two signs of life. */
  beatMs: 'FORKWISE_BEAT_MS',
  /** Requests after which the worker is to be replaced; unset = never. */
  maxRequests: 'FORKWISE_WORKER_MAX_REQUESTS',
} as const
