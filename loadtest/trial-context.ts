import type { Session } from '../cluster/session.ts'
import type { AppDependency, OwnAppStart } from '../core/records.ts'
import type { Probes } from './drivers/probe.ts'
import type { Host } from './host.ts'
import type { Instrument } from './instrument.ts'
import type { Observation } from './observation/observation.ts'

/** How servers are launched and measured, whatever the experiment. */
export interface TrialSettings {
  readonly workers: number
  readonly seed: number
  readonly warmup: { readonly minS: number; readonly maxS: number; readonly minCount: number }
  readonly saturationS: number
  /** 0 = no latency slice. */
  readonly latencyS: number
  readonly timeoutS: number
  /** Whether servers count and offer metrics of their own. */
  readonly metrics: boolean
  /** Absolute path of the user's app module, or null for the built-in app. */
  readonly app: string | null
  /** How that app is started. */
  readonly appStart?: OwnAppStart
  /** The Node that runs the servers; null = the one that runs us. */
  readonly nodePath: string | null
  /** Node binaries of the models that need a newer Node than the others run on, by model; absent = none does. */
  readonly nodePaths?: Readonly<Record<string, string>>
  /** The interpreter of the models in Python; absent = Debian's. */
  readonly pythonPath?: string
  /** Processes of the user's own that the app calls; absent where none was named. */
  readonly dependencies?: readonly AppDependency[]
  /** CPUs for generator and server; null = they share. */
  readonly placement: { readonly generator: readonly number[]; readonly server: readonly number[] } | null
}

/** The process that I/O-bound requests call, as far as experiments see it. */
export interface Dependency {
  /** Base URL of the process that runs now. */
  readonly url: string
  /** How it died since a time of `performance.now()`, each as subject and verb of a sentence; empty while all is well. */
  trouble(sinceMs: number): readonly string[]
  /** Resolves once one that died has been replaced. Rejects with START_FAILED when it cannot be. */
  ready(): Promise<void>
}

/** What all trials of an experiment share. */
export interface TrialContext {
  readonly session: Session
  readonly instrument: Instrument
  readonly settings: TrialSettings
  readonly dependency: Dependency
  readonly host: Host
  readonly cores: number
  readonly signal: AbortSignal
  /** The counted part of a slice begins. */
  onCounting?(): void
  /** What is known of the server of this launch from its earlier loads. */
  readonly probes?: Probes
  /** Variables for every process of the servers that are launched. */
  readonly launchEnv?: Readonly<Record<string, string>>
  /** Keeps the metrics of every launch as series. */
  readonly observation: Observation
}
