import type { SupervisorSettings } from './settings.ts'

/** What happens to a supervisor. */
export type SupervisorEvent =
  | { readonly type: 'start' }
  | { readonly type: 'tick' }
  /** A worker accepts requests. */
  | { readonly type: 'ready'; readonly id: number }
  /** A sign of life of a worker's event loop. */
  | { readonly type: 'beat'; readonly id: number }
  /** A worker has answered as many requests as it was to. */
  | { readonly type: 'recycle'; readonly id: number }
  | { readonly type: 'exit'; readonly id: number; readonly code: number | null; readonly signal: string | null }
  /** Replace every worker, without a moment of lesser strength (SIGHUP). */
  | { readonly type: 'reload' }
  /** One worker more (SIGTTIN). */
  | { readonly type: 'more' }
  /** One worker less (SIGTTOU). */
  | { readonly type: 'less' }
  /** These settings hold from now on. */
  | { readonly type: 'settings'; readonly settings: Partial<SupervisorSettings> }
  /** End (SIGTERM). */
  | { readonly type: 'leave'; readonly graceS: number }

/** What a supervisor is to do. */
export type SupervisorAction =
  | { readonly type: 'spawn'; readonly id: number; readonly place: number; readonly maxRequests: number | null }
  | { readonly type: 'drain'; readonly id: number; readonly graceS: number }
  | { readonly type: 'kill'; readonly id: number }
  | { readonly type: 'say'; readonly text: string }
  /** All workers are gone: end with this code. */
  | { readonly type: 'end'; readonly code: number }

/** Why a worker may be started in the place of another. */
export const RESTART_REASONS = ['crash', 'boot', 'boot-timeout', 'stuck', 'recycled', 'reload'] as const

/** Why a worker was started in the place of another. */
export type RestartReason = (typeof RESTART_REASONS)[number]

/** Why a worker may end. */
export const EXIT_REASONS = [
  'crash',
  'boot',
  'boot-timeout',
  'stuck',
  'drain-timeout',
  'scaled-down',
  'drained',
] as const

/** Why a worker ended: by itself (`crash`, `boot`), killed for a reason, or as it was asked to (`drained`). */
export type ExitReason = (typeof EXIT_REASONS)[number]
