import { describe, expect, test } from 'vitest'
import { mg1 } from '../../../../analysis/capacity/queueing/mg1.ts'
import {
  allenCunneenWaitS,
  erlangB,
  erlangC,
  md1,
  mm1,
  mmc,
  pollaczekKhinchineWaitS,
  roundRobinExponential,
} from '../../../../analysis/capacity/queueing/queueing.ts'

describe('Erlang', () => {
  test.each([
    [1, 1, 0.5],
    [2, 3, 4 / 19],
    [10, 10, 0.21458],
  ])('B of %d erlangs on %d servers is %d, as tabulated', (offered, servers, expected) => {
    expect(erlangB(offered, servers)).toBeCloseTo(expected, 4)
  })

  test('100 erlangs need 117 servers for at most one blocked in a hundred, as tabulated', () => {
    expect(erlangB(100, 117)).toBeLessThan(0.01)
    expect(erlangB(100, 116)).toBeGreaterThan(0.01)
  })

  test('C is the load itself for one server, and 1 at overload', () => {
    expect(erlangC(0.7, 1)).toBeCloseTo(0.7, 12)
    expect(erlangC(4, 4)).toBe(1)
    expect(erlangC(5, 4)).toBe(1)
  })

  test('C stays a probability for a hundred thousand servers, and nears its limit under square-root staffing', () => {
    // Halfin and Whitt 1981: with β = (c − a)/√a fixed, C tends to 1 / (1 + β·Φ(β)/φ(β)); 0.2234 for β = 1.
    const offered = 1e5
    expect(erlangC(offered, offered + Math.round(Math.sqrt(offered)))).toBeCloseTo(0.2234, 2)
    expect(erlangC(1e5 - 1, 1e5)).toBeLessThan(1)
  })
})

describe('M/M/c', () => {
  test('with one server, mean and tail are the exponential ones', () => {
    const queue = mm1(0.7, 1)
    expect(queue.meanS).toBeCloseTo(1 / 0.3, 12)
    expect(queue.quantileS(0.99)).toBeCloseTo(Math.log(100) / 0.3, 9)
  })

  test('mean wait on two servers is a³ / (4 − a²) service times, divided by the load', () => {
    expect(mmc(1.2, 1, 2).meanWaitS).toBeCloseTo(1.2 ** 3 / (4 - 1.2 ** 2) / 1.2, 12)
  })

  test('the tail has no gap where the drain rate meets the service rate', () => {
    // c = 2, λ = 1, μ = 1: θ = 1.
    const at = mmc(1, 1, 2).tail(3)
    const beside = mmc(1.000001, 1, 2).tail(3)
    expect(Math.abs(at - beside)).toBeLessThan(1e-5)
    expect(mmc(1, 1, 2).tail(0)).toBe(1)
  })

  test('an unstable load is refused', () => {
    expect(() => mmc(4, 1, 4)).toThrow('load below 1')
  })
})

describe('M/D/1', () => {
  test('agrees with the alternating series of Erlang where that is exact', () => {
    const [rate, waited] = [0.7, 2.3]
    let series = 0
    for (let j = 0; j <= Math.floor(waited); j++) {
      const x = rate * (waited - j)
      series += ((-x) ** j / factorial(j)) * Math.exp(x)
    }
    expect(1 - md1(rate, 1).tail(waited + 1)).toBeCloseTo((1 - rate) * series, 10)
  })

  test('nobody is answered before the service time, and 1 − ρ at once after it', () => {
    expect(md1(0.7, 1).tail(0.999)).toBe(1)
    expect(md1(0.7, 1).tail(1)).toBeCloseTo(0.7, 12)
  })

  test('the tail stays between 0 and 1 and falls, far out and at high load', () => {
    const queue = md1(0.98, 1)
    let last = 1
    for (let time = 1; time < 300; time += 0.37) {
      const tail = queue.tail(time)
      expect(tail).toBeGreaterThanOrEqual(0)
      expect(tail).toBeLessThanOrEqual(last + 1e-12)
      last = tail
    }
  })
})

describe('M/G/1 by inversion', () => {
  test.each([0.3, 0.7, 0.95])('is M/M/1 for exponential service at load %d', (load) => {
    const inverted = mg1(load, { kind: 'exponential', meanS: 1 })
    expect(inverted.meanS).toBeCloseTo(mm1(load, 1).meanS, 9)
    for (const q of [0.5, 0.99, 0.999]) {
      expect(inverted.quantileS(q) / mm1(load, 1).quantileS(q)).toBeCloseTo(1, 6)
    }
  })

  test('is M/D/1 for constant service, in the tail', () => {
    expect(mg1(0.7, { kind: 'constant', valueS: 1 }).quantileS(0.99) / md1(0.7, 1).quantileS(0.99)).toBeCloseTo(1, 4)
  })

  test('an Erlang of one stage, an even hyperexponential and an empirical of two values are what they are', () => {
    const exponential = mm1(0.3, 2).quantileS(0.95)
    expect(mg1(0.3, { kind: 'erlang', meanS: 2, stages: 1 }).quantileS(0.95)).toBeCloseTo(exponential, 5)
    expect(mg1(0.3, { kind: 'hyperexponential', meanS: 2, cv2: 1 }).quantileS(0.95)).toBeCloseTo(exponential, 5)
    expect(mg1(0.4, { kind: 'empirical', valuesS: [1, 2], counts: [1, 1] }).meanWaitS).toBeCloseTo(
      pollaczekKhinchineWaitS(0.4, 1.5, 0.25 / 2.25),
      9,
    )
  })

  test('a lognormal has no transform and is refused', () => {
    expect(() => mg1(0.5, { kind: 'lognormal', meanS: 1, cv2: 1 })).toThrow('closed form')
  })
})

describe('round robin', () => {
  test('with one server is M/M/1', () => {
    expect(roundRobinExponential(0.7, 1, 1).quantileS(0.99)).toBeCloseTo(mm1(0.7, 1).quantileS(0.99), 6)
  })

  test('four workers at load 0.7: p99 is 1.88 times that of the central queue', () => {
    const ratio = roundRobinExponential(2.8, 1, 4).quantileS(0.99) / mmc(2.8, 1, 4).quantileS(0.99)
    expect(ratio).toBeCloseTo(1.875, 2)
  })
})

test('Allen-Cunneen is exact for M/M/c and M/G/1, and scales with the variations', () => {
  const load = { ratePerS: 3, serviceS: 1, servers: 4, arrivalCv2: 1, serviceCv2: 1 }
  expect(allenCunneenWaitS(load)).toBeCloseTo(mmc(3, 1, 4).meanWaitS, 12)
  expect(allenCunneenWaitS({ ...load, arrivalCv2: 0, serviceCv2: 0.5 })).toBeCloseTo(mmc(3, 1, 4).meanWaitS / 4, 12)
  expect(allenCunneenWaitS({ ratePerS: 0.7, serviceS: 1, servers: 1, arrivalCv2: 1, serviceCv2: 0.3 })).toBeCloseTo(
    pollaczekKhinchineWaitS(0.7, 1, 0.3),
    12,
  )
})

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1)
}
