/** What `forkwise.config.js` or `forkwise.config.json` may hold: what `forkwise compare` is to do. All of it is optional. */
export interface ForkwiseConfig {
  /** Path or address of the JSON schema, for editors. */
  readonly $schema?: string
  /** Your own app: a module that exports an Express app, a listener or `createApp()`. Relative to this file. */
  readonly app?: string
  /** What to request: `/orders/42`, `9:/orders` (weight 9), `1:POST /orders`. */
  readonly paths?: readonly string[]
  /** Built-in workloads by name, or workloads of your own. */
  readonly workloads?: readonly (string | OwnWorkload)[]
  /** Server models by name, or `all` that can run here. */
  readonly models?: 'all' | readonly string[]
  /** Servers that run already on this machine, in any language. */
  readonly servers?: readonly RunningServer[]
  /** Workers per model. */
  readonly workers?: number
  /** The model that the others are compared with. */
  readonly baseline?: string
  /** A pilot of under three minutes. At most one of `quick`, `budget` and `blocks`. */
  readonly quick?: boolean
  /** The time that the run is to fill, e.g. `10m`. */
  readonly budget?: string
  /** Blocks to measure. */
  readonly blocks?: number
  /** Makes order and arrivals repeatable. */
  readonly seed?: number
  /** Folder for the results; it must be new or empty. Relative to this file. */
  readonly out?: string
  /** Runs the measured processes on this Node. */
  readonly node?: string
  /** Time after which a request is given up, e.g. `5s`. */
  readonly timeout?: string
  /** False measures without the servers' own metrics. */
  readonly metrics?: boolean
  /** True watches the run with a private Prometheus. */
  readonly prometheus?: boolean
  /** Thresholds, e.g. `cluster/cpu throughput >= 1.5x single`. */
  readonly assert?: readonly string[]
  /** What a threshold does that noise leaves undecided. */
  readonly undecided?: 'fail' | 'warn'
  /** JUnit file for what became of the thresholds. Relative to this file. */
  readonly junit?: string
}

/** A weighted mix of requests of your own. */
export interface OwnWorkload {
  /** Its name in reports and thresholds. */
  readonly id: string
  readonly title?: string
  readonly paths: readonly (string | OwnRequest)[]
  /** Connections of the closed loop for each core that works; 32 unless given. */
  readonly connectionsPerWorker?: number
}

/** One request of a workload, where a path alone does not say enough. */
export interface OwnRequest {
  /** Path and query. */
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Share of the mix relative to the other weights; 1 unless given. */
  readonly weight?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or anything else to be sent as JSON. */
  readonly body?: unknown
  /** The status that a right answer has; 200 unless given. */
  readonly expectStatus?: number
}

/** A server that runs already; it is driven like the others, but never started or ended. */
export interface RunningServer {
  readonly name: string
  /** Where it listens on this machine, e.g. `http://127.0.0.1:8080`. */
  readonly url: string
  /** Its root process, for CPU and memory. */
  readonly pid?: number
}

/** Gives the configuration back unchanged; it is there for the types. */
export function defineConfig(config: ForkwiseConfig): ForkwiseConfig {
  return config
}
