/**
 * The life of a worker, seen from its supervisor:
 *
 *   boot ──ready──► ready ──drain──► draining ──exit──► dead
 *    │                │                 │
 *    └──drain, kill───┴──────kill───────┴──► dying ──exit──► dead
 *
 * It is `boot` from its spawn until it accepts requests, `draining` while it finishes those it has, and `dying` between
 * our SIGKILL and its end. An exit leads to `dead` from everywhere.
 */
export type WorkerState = 'boot' | 'ready' | 'draining' | 'dying' | 'dead'

/** What happens to a worker. `drain` is the wish that it leave: a worker that serves nothing yet is killed instead. */
export type WorkerEvent = 'ready' | 'drain' | 'kill' | 'exit'

/** All states, in the order of a life. */
export const WORKER_STATES: readonly WorkerState[] = ['boot', 'ready', 'draining', 'dying', 'dead']

const TRANSITIONS: Readonly<Record<WorkerState, Readonly<Partial<Record<WorkerEvent, WorkerState>>>>> = {
  boot: { ready: 'ready', drain: 'dying', kill: 'dying', exit: 'dead' },
  ready: { drain: 'draining', kill: 'dying', exit: 'dead' },
  draining: { kill: 'dying', exit: 'dead' },
  dying: { exit: 'dead' },
  dead: {},
}

/** The state after an event; the same state when the event means nothing in it (a late `ready` of one that drains). */
export function nextState(state: WorkerState, event: WorkerEvent): WorkerState {
  return TRANSITIONS[state][event] ?? state
}
