/** What a worker tells its supervisor, besides the `ready` of the app itself. */
export type WorkerMessage = { readonly type: 'beat' } | { readonly type: 'recycle' }

/** Variables from a supervisor to its worker. */
export const WORKER_ENV = {
  /** Milliseconds between two signs of life. */
  beatMs: 'FORKWISE_BEAT_MS',
  /** Requests after which the worker is to be replaced; unset = never. */
  maxRequests: 'FORKWISE_WORKER_MAX_REQUESTS',
} as const
