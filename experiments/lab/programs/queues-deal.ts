// The same customers, with the same needs at the same moments, meet four shops of some workers each. The shops differ in one
// thing: who is sent to which worker. A worker serves by waiting on a timer, so that no cores are needed.
import { exponential, seededRandom } from '../../../core/random.ts'
import { PreciseTimer } from '../../../loadtest/precise-timer.ts'
import { endWithParent, readArgument, emit, emitResult } from './trace.ts'

interface Customer {
  readonly id: number
  readonly arriveMs: number
  readonly needMs: number
}

interface Worker {
  readonly queue: Customer[]
  busy: boolean
  /** When the last customer was to be done. */
  freeAtMs: number
}

interface Shop {
  /** The worker who gets a customer; null for one queue before all of them. */
  readonly deal: ((workers: readonly Worker[], customer: Customer) => number) | null
  readonly workers: readonly Worker[]
  /** Customers that nobody was given yet. */
  readonly queue: Customer[]
  readonly latenciesMs: number[]
}

const { seed, workers, load, needMs, seconds, tracedMs } = readArgument({
  seed: 1,
  workers: 4,
  load: 0.7,
  needMs: 10,
  seconds: 4,
  tracedMs: 500,
})

const dice = seededRandom(seed + 1)
/** Customers in the place of a worker, the one that is being served included. */
const lengthOf = ({ queue, busy }: Worker): number => queue.length + (busy ? 1 : 0)

const DEALS: Readonly<Record<string, Shop['deal']>> = {
  'in-turn': (all, { id }) => id % all.length,
  'at-random': (all) => Math.floor(dice() * all.length),
  'least-busy': (all) => {
    const lengths = all.map(lengthOf)
    return lengths.indexOf(Math.min(...lengths))
  },
  'one-queue': null,
}

endWithParent()
const timer = new PreciseTimer()
const customers = plan()
const shops = Object.entries(DEALS).map(([name, deal]): [string, Shop] => [
  name,
  {
    deal,
    workers: Array.from({ length: workers }, () => ({ queue: [], busy: false, freeAtMs: 0 })),
    queue: [],
    latenciesMs: [],
  },
])

/** How much later than it was to be each customer was done: by what else the machine does. */
const latenessMs: number[] = []
// Its thread takes a while to start.
await new Promise<void>((resolve) => timer.at(performance.now() + 5, resolve))
const beganAt = performance.now() + 50
await new Promise<void>((resolve) => {
  let toServe = customers.length * shops.length
  const served = (): void => {
    toServe -= 1
    if (toServe === 0) resolve()
  }
  const next = (index: number): void => {
    const customer = customers[index]
    if (customer === undefined) return
    timer.at(beganAt + customer.arriveMs, () => {
      next(index + 1)
      for (const [name, shop] of shops) enter(name, shop, customer, served)
    })
  }
  next(0)
})
await timer.close()
const p99s = shops.map(([name, { latenciesMs }]) => [name, quantile(latenciesMs, 0.99)] as const)
emitResult({ customers: customers.length, latenessMs: quantile(latenessMs, 0.99), ...Object.fromEntries(p99s) })
process.exit(0)

/** Poisson arrivals and exponential needs, from a seed: a few need much, most need little. */
function plan(): Customer[] {
  const random = seededRandom(seed)
  const planned: Customer[] = []
  let arriveMs = 0
  for (let id = 0; ; id++) {
    arriveMs += exponential(random, needMs / (load * workers))
    if (arriveMs > seconds * 1000) return planned
    planned.push({ id, arriveMs, needMs: exponential(random, needMs) })
  }
}

/** A customer comes to a shop and is sent somewhere. */
function enter(name: string, shop: Shop, customer: Customer, served: () => void): void {
  const place = shop.deal?.(shop.workers, customer)
  if (place === undefined) shop.queue.push(customer)
  else shop.workers[place]?.queue.push(customer)
  for (let index = 0; index < shop.workers.length; index++) work(name, shop, index, served)
}

/** A worker who is free takes the next customer, from the own queue or the one before all. */
function work(name: string, shop: Shop, index: number, served: () => void): void {
  const worker = shop.workers[index]
  if (worker === undefined || worker.busy) return
  const customer = (shop.deal === null ? shop.queue : worker.queue).shift()
  if (customer === undefined) return
  worker.busy = true
  // From when it could be: a timer that is late once must not make the worker slower for good.
  const startMs = Math.max(customer.arriveMs, worker.freeAtMs)
  worker.freeAtMs = startMs + customer.needMs
  timer.at(beganAt + worker.freeAtMs, () => {
    const endMs = performance.now() - beganAt
    latenessMs.push(endMs - worker.freeAtMs)
    worker.busy = false
    shop.latenciesMs.push(endMs - customer.arriveMs)
    const { id, arriveMs } = customer
    if (endMs < tracedMs) emit(`${name} ${index + 1}`, 'served', { shop: name, id, arriveMs, startMs, endMs })
    served()
    work(name, shop, index, served)
  })
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0
}
