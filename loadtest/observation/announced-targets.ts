import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import type { Unit } from '../../core/unit.ts'
import { Bridge } from './bridge.ts'
import { type ExpositionServer, serveExposition } from './exposition-server.ts'
import type { ObservedLaunch } from './observation.ts'
import { RUN_TARGETS_FILE, UNIT_TARGETS_FILE } from './prometheus-config.ts'
import { RunMetrics } from './run-metrics.ts'
import { fileSdGroups, RUN_INSTANCE, type Target, targetsOf, writeFileSd } from './targets.ts'

/** Path of the run's own series. */
const RUN_PATH = '/run/metrics'

/**
 * Tells a Prometheus, ours or the user's, where metrics are: two files of targets in a folder, and a server for what
 * has no metrics of its own (the run itself, foreign processes).
 */
export class AnnouncedTargets {
  readonly run: RunMetrics
  readonly #runId: string
  readonly #dir: string
  readonly #server: ExpositionServer
  readonly #bridge: Bridge
  #targets: readonly Target[] = []

  private constructor(runId: string, dir: string, server: ExpositionServer, run: RunMetrics, bridge: Bridge) {
    this.#runId = runId
    this.#dir = dir
    this.#server = server
    this.run = run
    this.#bridge = bridge
  }

  /** Begins to announce targets of a run in a folder, made if need be. Throws FOLDER_UNWRITABLE. */
  static async open(runId: string, dir: string): Promise<AnnouncedTargets> {
    const run = new RunMetrics(runId)
    const bridge = new Bridge()
    const server = await serveExposition((path) => (path === RUN_PATH ? run.render() : bridge.read(path)))
    const announced = new AnnouncedTargets(runId, dir, server, run, bridge)
    try {
      mkdirSync(dir, { recursive: true })
      announced.#write(UNIT_TARGETS_FILE, [])
      announced.#write(RUN_TARGETS_FILE, [
        { url: new URL(RUN_PATH, server.url), labels: { run_id: runId, instance: RUN_INSTANCE } },
      ])
      return announced
    } catch (thrown) {
      await server.close()
      throw new ForkwiseError(
        'FOLDER_UNWRITABLE',
        {
          message: `Expected to be able to name the units to Prometheus in ${dir}, got: ${messageOf(thrown)}.`,
          hint: 'Choose a folder that can be written, on a disk with room.',
        },
        { cause: thrown },
      )
    }
  }

  /** Names of the units that are targets now. */
  get unitNames(): readonly string[] {
    return this.#targets.map(({ labels }) => labels['worker'] ?? '')
  }

  /** The units of the running launch are now these. Throws when the file cannot be written. */
  unitsChanged(launch: ObservedLaunch, units: readonly Unit[]): void {
    if (units.length === 0) this.run.stopping()
    else this.run.launch(launch)
    this.#bridge.watch(units)
    this.#targets = targetsOf(this.#runId, launch, units, this.#server.url)
    this.#write(UNIT_TARGETS_FILE, this.#targets)
  }

  /** Takes all targets back. Throws when a file cannot be written. */
  async close(): Promise<void> {
    await this.#server.close()
    for (const file of [UNIT_TARGETS_FILE, RUN_TARGETS_FILE]) this.#write(file, [])
  }

  #write(file: string, targets: readonly Target[]): void {
    writeFileSd(join(this.#dir, file), fileSdGroups(targets))
  }
}
