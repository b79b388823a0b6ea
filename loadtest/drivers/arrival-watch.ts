import { deriveSeed, seededRandom } from '../../core/random.ts'
import type { GeneratorJob, WatchedArrivals } from '../generator-protocol.ts'
import type { Schedule } from './schedule.ts'

/**
 * Arrivals are thinned to about this many a second before their gaps are tested, whatever the rate. A thinned Poisson process
 * is one again, and its gaps are long beside the 20 to 50 µs that sending a request takes: no generator sends two at
 * once, so that the shortest gaps of a high rate are never exponential.
 */
const WATCHED_PER_S = 200
/** Most arrivals that are watched in all; the first ones. */
const MOST_WATCHED = 4000

/**
 * Notes when a random part of the counted arrivals was to be sent and was sent, for the test that they are the Poisson
 * process that was asked for. Which ones depends on the seed alone, so that several processes together watch what one
 * would.
 */
export class ArrivalWatch {
  readonly #planned = new Map<number, number>()
  readonly #sent = new Map<number, number>()

  /** `schedule` is this process's share. */
  constructor({ load, share }: GeneratorJob, { instantsMs, numbers, countedFromMs }: Schedule) {
    if (load.kind !== 'open' || load.arrivals !== 'poisson') return
    const random = seededRandom(deriveSeed(load.seed, 'watch'))
    const chance = Math.min(1, WATCHED_PER_S / load.ratePerS)
    const most = MOST_WATCHED / share.of
    let drawn = 0
    for (let place = 0; place < instantsMs.length && this.#planned.size < most; place++) {
      let draw = 1
      for (const number = numbers[place] ?? 0; drawn <= number; drawn++) draw = random()
      const atMs = instantsMs[place] ?? 0
      if (draw < chance && atMs >= countedFromMs) this.#planned.set(place, atMs)
    }
  }

  /** Notes that the arrival at a place of the schedule was sent, `sentMs` after the start. */
  sent(place: number, atMs: number): void {
    if (this.#planned.has(place)) this.#sent.set(place, atMs)
  }

  /** Those that were sent. */
  get arrivals(): WatchedArrivals {
    const places = [...this.#sent.keys()]
    return {
      plannedMs: places.map((place) => this.#planned.get(place) ?? 0),
      sentMs: places.map((place) => this.#sent.get(place) ?? 0),
    }
  }
}
