/**
 * How many requests are in flight, added up over time: counted up and down by a clock of its own, for a check of the
 * latencies by Little's law. Times are milliseconds of one clock.
 */
export class InFlight {
  #count = 0
  #atMs = 0
  #sumMs = 0

  /** A request was sent. */
  begin(nowMs: number): void {
    this.#turn(nowMs)
    this.#count++
  }

  /** A request was answered as expected. */
  end(nowMs: number): void {
    this.#turn(nowMs)
    this.#count--
  }

  /** A request ended otherwise, `tookMs` after it was sent: its time is taken out again. */
  forget(nowMs: number, tookMs: number): void {
    this.end(nowMs)
    this.#sumMs -= tookMs
  }

  /** Requests in flight times milliseconds, of those that were answered as expected; null while some are in flight. */
  get sumMs(): number | null {
    return this.#count === 0 ? this.#sumMs : null
  }

  #turn(nowMs: number): void {
    this.#sumMs += this.#count * (nowMs - this.#atMs)
    this.#atMs = nowMs
  }
}
