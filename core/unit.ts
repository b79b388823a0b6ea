/** What a process or thread of a running server is there for. */
export type UnitRole = 'supervisor' | 'worker' | 'thread' | 'proxy' | 'broker' | 'dependency'

/** One process or thread of a running server. Threads have the pid of their process and a `thread` number. */
export interface Unit {
  /** Unique within the launch and stable over restarts of the same place: `worker-1`, `thread-2`, `primary`. */
  readonly name: string
  readonly role: UnitRole
  readonly pid: number
  /** Thread number within the process, for units that are threads. */
  readonly thread?: number
  /** Where this unit alone answers requests, if it has an address of its own. */
  readonly url?: string
  /** Where this unit's metrics are, with their path. */
  readonly metricsUrl?: string
  /** Where a foreign server reports its state in its own format: `nginx+unix:/run/status.sock`, `redis+tcp://127.0.0.1:6379`. */
  readonly statusUrl?: string
  /** A file that grows by two bytes with each request that this proxy answers itself instead of passing it on. */
  readonly answeredFile?: string
}

/**
 * The launch protocol: what a measured process receives from its starter, through environment variables, and what it
 * writes back. It is the same for every model and every language.
 *
 * A unit that accepts requests (or, for a supervisor or thread, is in service) writes a {@link UnitRecord} as JSON to
 * `<FORKWISE_LAUNCH_DIR>/units/<name>.json`: first to a name ending in `.tmp`, then renamed. It removes the file when
 * it leaves on purpose. The launcher calls a server ready once the files match the model's topology and each answers.
 */
export const LAUNCH_ENV = {
  /** Identity of the launch; every process of it inherits the variable, so none can be lost. */
  launchId: 'FORKWISE_LAUNCH_ID',
  /** Private folder of the launch: `units/`, `logs/`, `tmp/`. Unset when a person starts the app by hand. */
  launchDir: 'FORKWISE_LAUNCH_DIR',
  /** Name of the unit, e.g. `worker-1`. */
  unitName: 'FORKWISE_UNIT',
  /** Address to listen on, 127.0.0.1 by default. */
  host: 'HOST',
  /** Port to listen on; 0 = any free one (3000 by hand). */
  port: 'PORT',
  /** `on` (default) or `off`. */
  metrics: 'FORKWISE_METRICS',
  /** Port of the unit's metrics; 0 = any free one. */
  metricsPort: 'FORKWISE_METRICS_PORT',
  /** Executor id, `inline` by default. */
  executor: 'FORKWISE_EXECUTOR',
  /** Threads or processes of the executor's pool. */
  poolSize: 'FORKWISE_POOL_SIZE',
  /** Tasks that may wait for the pool before requests are shed with 503. */
  poolQueue: 'FORKWISE_POOL_QUEUE',
  /** Base URL of the dependency that `io-upstream` calls. */
  upstream: 'FORKWISE_UPSTREAM',
  /** Milliseconds after which a call to the dependency is given up and answered with 504; 0 = never, the default. */
  upstreamDeadline: 'FORKWISE_UPSTREAM_DEADLINE_MS',
  /** Most calls to the dependency at once: more are answered with 503; 0 = any number, the default. */
  upstreamCalls: 'FORKWISE_UPSTREAM_CALLS',
  /** Failed or slow calls in a row after which the circuit breaker opens and requests get 503; 0 = never, the default. */
  upstreamBreaker: 'FORKWISE_UPSTREAM_BREAKER',
  /** Seconds until an open circuit breaker lets one call through; 5 by default. */
  upstreamBreakerOpen: 'FORKWISE_UPSTREAM_BREAKER_OPEN_S',
  /** Milliseconds from which a call counts as slow for the circuit breaker; 500 by default. */
  upstreamSlow: 'FORKWISE_UPSTREAM_SLOW_MS',
  /** Most keys that `cpu-hash` derives at once in a process: others wait on the event loop; 0 = any number, the default. */
  hashesAtOnce: 'FORKWISE_HASHES_AT_ONCE',
  /** Threads of its own in which a process derives them; 0 = the threads of libuv, the default. */
  hashThreads: 'FORKWISE_HASH_THREADS',
  /** Base URL of the broker of a task queue. */
  broker: 'FORKWISE_BROKER',
  /** Seconds that a worker of a task queue may be silent before its task is given to another; 20 by default. */
  taskLock: 'FORKWISE_TASK_LOCK_S',
  /** Absolute path of the user's own app module, instead of the built-in app. */
  app: 'FORKWISE_APP',
  /** Which server of that app is measured: `exported`, `PORT`, `socket`, or the port it asks for; found out when unset. */
  appServedBy: 'FORKWISE_APP_SERVED_BY',
  /** Address of a module that lets Node run that app (tsx). */
  appLoader: 'FORKWISE_APP_LOADER',
  /** Seconds that requests in flight get when the process is asked to leave; 5 by default. */
  grace: 'FORKWISE_GRACE_S',
  /** `on`: bind with SO_REUSEPORT, so that several processes accept on one port (newer Nodes, Linux). */
  reusePort: 'FORKWISE_REUSE_PORT',
  /** Connections the kernel keeps for the process before it accepts them; Node's default when unset. */
  backlog: 'FORKWISE_BACKLOG',
} as const

/** Variables that Watt itself has other values of than the app in its threads, as JSON; null for one that is not set. */
export const WATT_OWNER_ENV = 'FORKWISE_WATT_OWNER_ENV'

/** What a unit writes about itself when it is in service. */
export interface UnitRecord extends Unit {
  /** Milliseconds since the epoch at which the unit was in service. */
  readonly readyAtMs: number
}
