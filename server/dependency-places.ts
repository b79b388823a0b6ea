/** Most calls that wait where the places are limited: what would be more is refused. */
const MOST_WAITING = 600

/** A call that waits for a place. */
interface Waiting {
  readonly delayMs: number
  isWanted(): boolean
  readonly done: () => void
}

/** The places of a dependency: calls beyond them wait in the order in which they came. None begins or ends in a stall. */
export class Places {
  readonly #waiting: Waiting[] = []
  #size = Infinity
  #inUse = 0
  #stalledUntilMs = 0

  /** Serves as many calls at once from now on. */
  resize(size: number): void {
    this.#size = size
    this.#next()
  }

  /** Stands still for so long, in milliseconds. */
  stall(ms: number): void {
    this.#stalledUntilMs = performance.now() + ms
  }

  /**
   * Serves a call that takes `delayMs`, or drops it where nobody waits for it when its turn has come. False where too many
   * wait already: it is not served.
   */
  serve(delayMs: number, isWanted: () => boolean, done: () => void): boolean {
    if (this.#waiting.length >= MOST_WAITING) return false
    this.#waiting.push({ delayMs, isWanted, done })
    this.#next()
    return true
  }

  #next(): void {
    while (this.#inUse < this.#size) {
      const call = this.#waiting.shift()
      if (call === undefined) return
      if (call.isWanted()) this.#begin(call)
    }
  }

  #begin({ delayMs, done }: Waiting): void {
    this.#inUse++
    const end = (): void => {
      const leftMs = this.#stalledUntilMs - performance.now()
      if (leftMs > 0) {
        setTimeout(end, leftMs)
        return
      }
      this.#inUse--
      done()
      this.#next()
    }
    setTimeout(end, delayMs)
  }
}
