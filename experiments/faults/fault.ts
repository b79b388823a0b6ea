import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { RecordedFault, StrikeFacts } from '../../core/resilience-record.ts'

/** Something that goes wrong in practice, done to a server under load: one file in experiments/faults/kinds/. */
export interface Fault extends RecordedFault {
  /** Seconds for which the load goes on and the server is watched after the blow. */
  readonly watchS: number
  /** Why a model cannot be struck with it, as the end of a sentence that begins with `not offered:`; null when it can. */
  offeredBy(model: ServerModel): string | null
  /** Variables for the launch that make the fault possible. */
  environment?(scene: Scene): Readonly<Record<string, string>>
  /**
   * Strikes, and resolves when the blow is over. Whatever it did to a process is undone also when the signal aborts.
   * Calls `scene.struck()` at the very moment of the blow.
   */
  strike(server: RunningServer, scene: Scene): Promise<Strike>
}

/** What a fault may know about where it strikes. */
export interface Scene {
  readonly model: ServerModel
  readonly workers: number
  /** Requests per second of the load that runs. */
  readonly ratePerS: number
  /** Requests per second that the model can do. */
  readonly capacityPerS: number
  /** A private folder of this cell. */
  readonly dir: string
  readonly signal: AbortSignal
  /** Says that the blow falls now. */
  struck(): void
  /** Drives more load at the server, beside that which runs; the blow falls when its first request is due. */
  overload(server: RunningServer, ratePerS: number, durationS: number): Promise<LoadRecord>
}

/** What came of a blow. */
export interface Strike {
  readonly facts: StrikeFacts
  /** Seconds that the blow lasted; until `strike` resolves unless given. */
  readonly tookS?: number
  /** The load on top, for an overload. */
  readonly extra?: LoadRecord
}
