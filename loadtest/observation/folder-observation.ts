import { messageOf } from '../../core/errors.ts'
import type { LoadRecord } from '../../core/load.ts'
import type { Unit } from '../../core/unit.ts'
import type { DriverProgress } from '../driver-progress.ts'
import { AnnouncedTargets } from './announced-targets.ts'
import type { Observation, ObservationOptions, ObservationPlace, ObservedLaunch } from './observation.ts'

/**
 * Observes with the user's own Prometheus, which reads the targets that are named in the folder (`units.json` and
 * `run.json`, file_sd). Nothing is stored by us. Throws FOLDER_UNWRITABLE.
 */
export async function startFolderObservation(options: ObservationOptions): Promise<Observation> {
  return new FolderObservation(options, await AnnouncedTargets.open(options.runId, options.dir))
}

class FolderObservation implements Observation {
  readonly url = null
  readonly #options: ObservationOptions
  readonly #announced: AnnouncedTargets
  #closed: Promise<ObservationPlace> | null = null

  constructor(options: ObservationOptions, announced: AnnouncedTargets) {
    this.#options = options
    this.#announced = announced
  }

  unitsChanged(launch: ObservedLaunch, units: readonly Unit[]): void {
    try {
      this.#announced.unitsChanged(launch, units)
    } catch (thrown) {
      this.#options.onProblem(`Expected to be able to name the units to Prometheus, got: ${messageOf(thrown)}.`)
    }
  }

  phase(name: string): void {
    this.#announced.run.phase(name)
  }

  progress(progress: DriverProgress): void {
    this.#announced.run.progress(progress)
  }

  loadEnded(record: LoadRecord): void {
    this.#announced.run.loadEnded(record)
  }

  fault(name: string, active: boolean): void {
    this.#announced.run.fault(name, active)
  }

  async launched(): Promise<void> {
    // When the user's Prometheus reads is not known here.
  }

  async trialEnded(): Promise<{ stored: null }> {
    return { stored: null }
  }

  trouble(): readonly string[] {
    return []
  }

  close(): Promise<ObservationPlace> {
    this.#closed ??= this.#announced
      .close()
      .catch((thrown: unknown) => this.#options.onProblem(messageOf(thrown)))
      .then(() => ({ folder: this.#options.dir, url: null }))
    return this.#closed
  }
}
