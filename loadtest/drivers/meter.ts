import type { GeneratorPart } from '../generator-protocol.ts'
import { BusyShare } from './busy-share.ts'

/** What this process uses and receives from the making of the meter to its reading. */
export class Meter {
  readonly #receivedBytes: () => number
  readonly #busy: BusyShare
  readonly #startMs: number = performance.now()
  readonly #cpu: NodeJS.CpuUsage = process.cpuUsage()
  readonly #bytesBefore: number

  /** `receivedBytes` counts since ever; `idleMs` is as {@link BusyShare} takes it. */
  constructor(receivedBytes: () => number, idleMs?: () => number) {
    this.#receivedBytes = receivedBytes
    this.#busy = new BusyShare(idleMs)
    this.#bytesBefore = receivedBytes()
  }

  /** CPU in cores, busy share of the event loop, and bytes received. */
  read(): Pick<GeneratorPart, 'cpuCores' | 'eventLoopUtilization' | 'bytesReceived'> {
    const wallMs = Math.max(1e-6, performance.now() - this.#startMs)
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      cpuCores: (user + system) / 1000 / wallMs,
      eventLoopUtilization: this.#busy.read(),
      bytesReceived: this.#receivedBytes() - this.#bytesBefore,
    }
  }
}
