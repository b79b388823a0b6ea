import type { Random } from '../../../core/random.ts'
import { sampler } from './distribution.ts'
import type { SimulatedRoute } from './specification.ts'

interface RouteSampler {
  /** Sum of the weights up to and with this route, as a share of all. */
  readonly upTo: number
  readonly cpuS: () => number
  readonly waitS: () => number
  readonly cpuAfterWait: number
}

/** Draws one request after another from a mix; each route has random streams of its own. */
export class RequestSource {
  /** The request that was drawn last. */
  route: number = 0
  firstCpuS: number = 0
  waitS: number = 0
  lastCpuS: number = 0
  readonly #routes: readonly RouteSampler[]
  readonly #random: Random

  constructor(routes: readonly SimulatedRoute[], stream: (name: string) => Random) {
    const total = routes.reduce((sum, route) => sum + route.weight, 0)
    let upTo = 0
    this.#random = stream('routes')
    this.#routes = routes.map((route, index) => {
      upTo += route.weight / total
      return {
        upTo,
        cpuS: sampler(route.cpu, stream(`cpu-${index}`)),
        waitS: sampler(route.wait, stream(`wait-${index}`)),
        cpuAfterWait: route.cpuAfterWait ?? 0,
      }
    })
  }

  /** Draws the next request into the fields. */
  draw(): void {
    this.route = this.#pick()
    const route = this.#routes[this.route] as RouteSampler
    const cpuS = route.cpuS()
    this.waitS = route.waitS()
    this.lastCpuS = this.waitS > 0 ? cpuS * route.cpuAfterWait : 0
    this.firstCpuS = cpuS - this.lastCpuS
  }

  #pick(): number {
    if (this.#routes.length === 1) return 0
    const place = this.#random()
    let index = 0
    while (index < this.#routes.length - 1 && place >= (this.#routes[index] as RouteSampler).upTo) index++
    return index
  }
}
