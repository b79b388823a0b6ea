import type { HostMeter } from '../../loadtest/host.ts'
import { gateReasons, type GatedSlice } from '../../loadtest/validity.ts'

/** Meters what is not ours: {@link HostMeter}, or a scripted one in tests. */
export type OwnHost = Pick<HostMeter, 'ownSlice'>

/** Watches what other programs do while a repetition of a lab is measured. */
export class TrialWatch {
  readonly #host: OwnHost
  readonly #cores: number
  readonly #name: string
  readonly #slices: GatedSlice[] = []

  /** `name` says which repetition it is. */
  constructor(host: OwnHost, cores: number, name: string) {
    this.#host = host
    this.#cores = cores
    this.#name = name
  }

  /** Does a piece of the measuring. */
  readonly during = async <T>(measure: () => Promise<T>): Promise<T> => {
    const meter = await this.#host.ownSlice()
    meter.begin()
    let measured: T
    try {
      measured = await measure()
    } finally {
      meter.end()
    }
    this.#slices.push({ trialId: this.#name, host: (await meter.result()).host })
    return measured
  }

  /** What the gates hold against the repetition; empty = it counts. */
  reasons(): string[] {
    return gateReasons(this.#slices, this.#cores)
  }
}
