/** How a request reaches a worker. The capacity planner simulates it. */
export type Routing =
  | 'one'
  | 'round-robin-connections'
  | 'kernel-hash'
  | 'shared-accept'
  | 'central-queue'
  | 'proxy-round-robin'
  | 'least-connections'
  /** Each worker has a port of its own and the client chooses in turn. */
  | 'client-round-robin'
