import { highestValueAt } from '../core/histogram-codec.ts'
import type { LatencyHistogram } from '../core/histogram.ts'

/** A point of a latency distribution: a share `q` of the requests took at most `ms`. */
export interface CurvePoint {
  readonly q: number
  readonly ms: number
  /** False where fewer than 100 requests took longer: the point is then of a few requests, not of the distribution. */
  readonly firm: boolean
}

/** Latencies of many trials pooled, for a curve. Adding a histogram costs a step per distinct latency in it. */
export class LatencyPool {
  #counts: Float64Array = new Float64Array(4096)
  #total = 0

  /** Adds all counts of a histogram. */
  add(histogram: LatencyHistogram): void {
    const { places, counts, total } = histogram.sparse()
    this.#makeRoom(places.at(-1) ?? 0)
    for (let i = 0; i < places.length; i++) {
      const place = places[i] ?? 0
      this.#counts[place] = (this.#counts[place] ?? 0) + (counts[i] ?? 0)
    }
    this.#total += total
  }

  /** The distribution as a curve: 12 points per power of ten of 1/(1 − q), up to the last request. */
  curve(): CurvePoint[] {
    const points: CurvePoint[] = []
    let below = 0
    let place = -1
    for (let step = 0; ; step++) {
      const above = 10 ** (-step / 12)
      if (above * this.#total < 1 - 1e-9) return points
      const wanted = Math.max(1, Math.ceil((1 - above) * this.#total))
      while (below < wanted) below += this.#counts[++place] ?? 0
      points.push({ q: 1 - above, ms: highestValueAt(place) / 1000, firm: above * this.#total >= 100 - 1e-7 })
    }
  }

  #makeRoom(place: number): void {
    if (place < this.#counts.length) return
    const larger = new Float64Array(Math.max(place + 1, this.#counts.length * 2))
    larger.set(this.#counts)
    this.#counts = larger
  }
}
