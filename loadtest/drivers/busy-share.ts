/** Busy share of this process's event loop between two readings, for live figures. */
export class BusyShare {
  readonly #idleMs: () => number
  #loop = performance.eventLoopUtilization()
  #atMs = performance.now()
  #idleBeforeMs: number

  /** `idleMs` gives the time spent spinning while waiting for an instant: it uses CPU, but the loop is free during it. */
  constructor(idleMs: () => number = () => 0) {
    this.#idleMs = idleMs
    this.#idleBeforeMs = idleMs()
  }

  /** The share since the last reading, 0…1; the next one begins here. */
  read(): number {
    const wallMs = Math.max(1e-6, performance.now() - this.#atMs)
    const idleMs = this.#idleMs()
    const { active } = performance.eventLoopUtilization(this.#loop)
    const share = (active - (idleMs - this.#idleBeforeMs)) / wallMs
    this.#loop = performance.eventLoopUtilization()
    this.#atMs = performance.now()
    this.#idleBeforeMs = idleMs
    return Math.min(1, Math.max(0, share))
  }
}
