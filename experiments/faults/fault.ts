import type { FaultProgram } from '../../cluster/faults/switch-file.ts'
import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { InjectionFacts, RecordedFault } from '../../core/resilience-record.ts'

/**
 * Something that goes wrong in practice, done to a running server on purpose: one file in experiments/faults/kinds/. The
 * same fault serves a measured load (`resilience`) and a server that somebody watches (`observe`).
 */
export interface Fault extends RecordedFault {
  /** Seconds for which it is kept up unless the scene says otherwise; 0 where it is over at once. */
  readonly lastsS: number
  /** Seconds for which the load of a measured run goes on, and the server is watched, after the injection. */
  readonly watchS: number
  /** What the workers must have loaded when they were launched. */
  readonly program?: FaultProgram
  /** Why it cannot be injected, as the end of a sentence that begins with `not offered:`; null when it can. */
  offeredBy(target: FaultTarget): string | null
  /** Variables for a launch that is to be measured under it. */
  environment?(scene: Pick<Scene, 'ratePerS' | 'workers'>): Readonly<Record<string, string>>
  /**
   * Injects it, and resolves when it is over. What it did is undone by then, also when the signal aborts. Calls
   * `scene.injected()` at the very moment of the injection.
   */
  inject(server: RunningServer, scene: Scene): Promise<Injection>
}

/** What a fault would be injected into. */
export interface FaultTarget {
  readonly model: ServerModel
  /** False where an app of the user's answers. */
  readonly builtInApp: boolean
}

/** Where a fault is injected. */
export interface Scene {
  readonly model: ServerModel
  readonly workers: number
  /** Requests per second that the server is asked for meanwhile: 0 where no load runs, null where nobody knows. */
  readonly ratePerS: number | null
  /** Requests per second that the model can do; null where nobody knows. */
  readonly capacityPerS: number | null
  /** Seconds for which a fault that lasts is kept up. */
  readonly lastsS: number
  /** The folder whose switches the workers look at; see {@link Fault.program}. */
  readonly dir: string
  /** Ends the fault. */
  readonly signal: AbortSignal
  /** Says that the injection happens now. */
  readonly injected: () => void
  /** Whether a request of its own may be sent, beside the load: where the built-in app is measured. */
  readonly mayAsk: boolean
  /** Drives load at the server, beside that which runs; the injection happens when its first request is due. */
  readonly drive: (server: RunningServer, load: ExtraLoad) => Promise<LoadRecord>
}

/** Load on top of that which runs. */
export type ExtraLoad = { readonly durationS: number } & (
  | { readonly kind: 'open'; readonly ratePerS: number }
  | { readonly kind: 'closed'; readonly connections: number }
)

/** What came of a fault. */
export interface Injection {
  readonly facts: InjectionFacts
  /** Seconds that it lasted; until `inject` resolves unless given. */
  readonly tookS?: number
  /** The load on top, for an overload. */
  readonly extra?: LoadRecord
  /** The process as which the tasks of the unit are noted (server/task-journal.ts). */
  readonly notedAs?: number
  /** What is only known once the load is over; waits for it. */
  readonly later?: () => Promise<InjectionFacts>
}
