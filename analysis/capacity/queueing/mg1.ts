import { hyperexponentialPhases, meanS, squaredVariation, type Distribution } from '../simulation/distribution.ts'
import { pollaczekKhinchineWaitS, queue, stable, type Queue } from './queueing.ts'

interface Complex {
  readonly re: number
  readonly im: number
}

/** Terms of the series that are summed as they are, and those that are averaged binomially (Euler's summation). */
const PLAIN_TERMS = 40
const AVERAGED_TERMS = 14

/** Decides the discretisation error of the inversion, e^−A; larger costs digits to rounding. */
const A = 18.4

/**
 * Poisson arrivals, any service, one server: the mean from Pollaczek and Khinchine, the tail by numerical inversion of
 * their transform T*(s) = B*(s)·(1−ρ)s / (s − λ(1 − B*(s))) (algorithm EULER of Abate and Whitt 1995). Good to about
 * 1e-6 for smooth distributions, 1e-3 near the jumps of discrete ones. Throws a RangeError for a lognormal service, which
 * has no transform in closed form.
 */
export function mg1(ratePerS: number, service: Distribution): Queue {
  const serviceS = meanS(service)
  const utilisation = stable(ratePerS * serviceS)
  const serviceTransform = transformOf(service)
  const answeredTransform = (s: Complex): Complex => {
    const served = serviceTransform(s)
    const denominator = { re: s.re - ratePerS * (1 - served.re), im: s.im + ratePerS * served.im }
    return scale(divide(multiply(served, s), denominator), 1 - utilisation)
  }
  const tailTransform = (s: Complex): Complex => {
    const answered = answeredTransform(s)
    return divide({ re: 1 - answered.re, im: -answered.im }, s)
  }
  const meanWaitS = pollaczekKhinchineWaitS(ratePerS, serviceS, squaredVariation(service))
  return queue(utilisation, meanWaitS, serviceS, (timeS) => (timeS <= 0 ? 1 : invert(tailTransform, timeS)))
}

/** The value at `timeS` of the function with this Laplace transform. */
function invert(transform: (s: Complex) => Complex, timeS: number): number {
  const factor = Math.exp(A / 2) / timeS
  let sum = (factor / 2) * transform({ re: A / (2 * timeS), im: 0 }).re
  let averaged = 0
  let binomial = 2 ** -AVERAGED_TERMS
  for (let k = 1; k <= PLAIN_TERMS + AVERAGED_TERMS; k++) {
    if (k > PLAIN_TERMS) {
      const j = k - 1 - PLAIN_TERMS
      averaged += binomial * sum
      binomial *= (AVERAGED_TERMS - j) / (j + 1)
    }
    const term = factor * transform({ re: A / (2 * timeS), im: (k * Math.PI) / timeS }).re
    sum += k % 2 === 0 ? term : -term
  }
  return averaged + binomial * sum
}

function transformOf(distribution: Distribution): (s: Complex) => Complex {
  switch (distribution.kind) {
    case 'constant':
      return (s) => exponentialOf(scale(s, -distribution.valueS))
    case 'exponential':
      return phase(1 / distribution.meanS)
    case 'erlang': {
      const stage = phase(distribution.stages / distribution.meanS)
      return (s) => {
        const one = stage(s)
        let product = one
        for (let i = 1; i < distribution.stages; i++) product = multiply(product, one)
        return product
      }
    }
    case 'hyperexponential': {
      const { share, ratesPerS } = hyperexponentialPhases(distribution.meanS, distribution.cv2)
      const [fast, slow] = [phase(ratesPerS[0]), phase(ratesPerS[1])]
      return (s) => add(scale(fast(s), share), scale(slow(s), 1 - share))
    }
    case 'uniform': {
      const { minS, maxS } = distribution
      return (s) => {
        const difference = add(exponentialOf(scale(s, -minS)), scale(exponentialOf(scale(s, -maxS)), -1))
        return divide(difference, scale(s, maxS - minS))
      }
    }
    case 'empirical':
    case 'sequence': {
      const counts = 'counts' in distribution ? distribution.counts : distribution.valuesS.map(() => 1)
      const total = counts.reduce((sum, count) => sum + count, 0)
      return (s) =>
        distribution.valuesS.reduce<Complex>(
          (sum, valueS, i) => add(sum, scale(exponentialOf(scale(s, -valueS)), (counts[i] as number) / total)),
          { re: 0, im: 0 },
        )
    }
    case 'lognormal':
      throw new RangeError('Expected a service distribution with a Laplace transform in closed form, got a lognormal.')
  }
}

function phase(ratePerS: number): (s: Complex) => Complex {
  return (s) => divide({ re: ratePerS, im: 0 }, { re: s.re + ratePerS, im: s.im })
}

function add(a: Complex, b: Complex): Complex {
  return { re: a.re + b.re, im: a.im + b.im }
}

function multiply(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
}

function divide(a: Complex, b: Complex): Complex {
  const size = b.re * b.re + b.im * b.im
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size }
}

function scale(a: Complex, factor: number): Complex {
  return { re: a.re * factor, im: a.im * factor }
}

function exponentialOf(a: Complex): Complex {
  const size = Math.exp(a.re)
  return { re: size * Math.cos(a.im), im: size * Math.sin(a.im) }
}
