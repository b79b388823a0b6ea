/** What a closed form says about a queue in its steady state. Times are seconds. */
export interface Queue {
  /** Share of the time that each server works. */
  readonly utilisation: number
  /** Mean time from arrival to the start of service. */
  readonly meanWaitS: number
  /** Mean time from arrival to answer. */
  readonly meanS: number
  /** Share of the requests that take longer than `timeS` from arrival to answer. */
  tail(timeS: number): number
  /** The time that a share `q` (0…1) of the requests does not exceed, from arrival to answer. */
  quantileS(q: number): number
}

/**
 * Share of the requests that find all of `servers` busy and are turned away (Erlang B), for an offered load in erlangs
 * (rate × service time). Jagerman's recursion B(n) = a·B(n−1) / (n + a·B(n−1)), which is stable for any number.
 */
export function erlangB(offered: number, servers: number): number {
  let blocked = 1
  for (let n = 1; n <= servers; n++) blocked = (offered * blocked) / (n + offered * blocked)
  return blocked
}

/** Share of the requests that must wait with `servers` behind one queue (Erlang C, from Erlang B); 1 at overload. */
export function erlangC(offered: number, servers: number): number {
  if (offered >= servers) return 1
  const blocked = erlangB(offered, servers)
  return blocked / (1 - (offered / servers) * (1 - blocked))
}

/** Poisson arrivals, exponential service, one server. */
export function mm1(ratePerS: number, serviceS: number): Queue {
  return mmc(ratePerS, serviceS, 1)
}

/**
 * Poisson arrivals, exponential service, `servers` behind one queue. The wait is 0 with probability 1 − C and else
 * exponential with rate θ = cμ − λ; the sum of wait and service has the tail given here (Gross et al., Fundamentals of
 * Queueing Theory, 2.4).
 */
export function mmc(ratePerS: number, serviceS: number, servers: number): Queue {
  const offered = ratePerS * serviceS
  const utilisation = stable(offered / servers)
  const waits = erlangC(offered, servers)
  const serviceRate = 1 / serviceS
  const drainRate = servers * serviceRate - ratePerS
  const meanWaitS = waits / drainRate
  const tail = (timeS: number): number => {
    const served = Math.exp(-serviceRate * timeS)
    const difference = drainRate - serviceRate
    // (θ·e^−μt − μ·e^−θt) / (θ − μ), written so that θ = μ is no special case.
    const waitedAndServed = served * (1 + serviceRate * timeS * ratioOfExpm1(-difference * timeS))
    return (1 - waits) * served + waits * waitedAndServed
  }
  return queue(utilisation, meanWaitS, serviceS, tail)
}

/**
 * Poisson arrivals, constant service, one server. The waiting-time distribution is Franx's (A simple solution for the
 * M/D/c waiting time distribution, 2001), a sum of positive terms over the queue-length distribution, so that it stays
 * exact where Erlang's alternating series does not.
 */
export function md1(ratePerS: number, serviceS: number): Queue {
  const utilisation = stable(ratePerS * serviceS)
  const inSystemAtMost = cumulativeMd1(utilisation)
  const meanWaitS = (utilisation * serviceS) / (2 * (1 - utilisation))
  const waitedAtMost = (timeS: number): number => {
    if (timeS < 0) return 0
    const periods = Math.floor(timeS / serviceS) + 1
    const expected = ratePerS * (periods * serviceS - timeS)
    let term = Math.exp(-expected)
    let sum = 0
    for (let j = 0; j < periods; j++) {
      sum += inSystemAtMost(periods - j) * term
      term *= expected / (j + 1)
    }
    return Math.min(1, sum)
  }
  return queue(utilisation, meanWaitS, serviceS, (timeS) => 1 - waitedAtMost(timeS - serviceS))
}

/**
 * Requests dealt out in strict turn to `servers`, each with a queue of its own: each sees gaps that are Erlang
 * distributed with as many stages as there are servers (E_c/M/1). With σ the root of σ = A*(μ(1−σ)) in (0, 1), the time
 * to the answer is exponential with rate μ(1−σ) (Kleinrock, Queueing Systems I, 6.4). `ratePerS` is that of all.
 */
export function roundRobinExponential(ratePerS: number, serviceS: number, servers: number): Queue {
  const utilisation = stable((ratePerS * serviceS) / servers)
  const serviceRate = 1 / serviceS
  const transform = (s: number): number => Math.exp(-servers * Math.log1p(s / ratePerS))
  const root = bisect((sigma) => transform(serviceRate * (1 - sigma)) - sigma, 0, 1 - 1e-4 * (1 - utilisation))
  const answerRate = serviceRate * (1 - root)
  return queue(utilisation, 1 / answerRate - serviceS, serviceS, (timeS) => Math.exp(-answerRate * timeS))
}

/** Mean wait in seconds of M/G/1 (Pollaczek-Khinchine); `cv2` is the squared coefficient of variation of the service. */
export function pollaczekKhinchineWaitS(ratePerS: number, serviceS: number, cv2: number): number {
  const utilisation = stable(ratePerS * serviceS)
  return (utilisation * serviceS * (1 + cv2)) / (2 * (1 - utilisation))
}

/**
 * Mean wait in seconds of a queue with any arrivals, any service and `servers` behind one queue, approximately (Allen
 * and Cunneen): that of M/M/c times the mean of the two squared coefficients of variation. Exact for M/G/1 and M/M/c.
 */
export function allenCunneenWaitS(load: {
  readonly ratePerS: number
  readonly serviceS: number
  readonly servers: number
  readonly arrivalCv2: number
  readonly serviceCv2: number
}): number {
  const { ratePerS, serviceS, servers, arrivalCv2, serviceCv2 } = load
  return (mmc(ratePerS, serviceS, servers).meanWaitS * (arrivalCv2 + serviceCv2)) / 2
}

/** Builds a queue from its tail; the quantile is found by bisection. */
export function queue(
  utilisation: number,
  meanWaitS: number,
  serviceS: number,
  tail: (timeS: number) => number,
): Queue {
  const quantileS = (q: number): number => {
    let highS = serviceS
    while (tail(highS) > 1 - q) highS *= 2
    return bisect((timeS) => tail(timeS) - (1 - q), 0, highS)
  }
  return { utilisation, meanWaitS, meanS: meanWaitS + serviceS, tail, quantileS }
}

/** The utilisation, if a steady state exists. */
export function stable(utilisation: number): number {
  if (!(utilisation >= 0 && utilisation < 1)) {
    throw new RangeError(`Expected a load below 1 so that the queue has a steady state, got ${utilisation}.`)
  }
  return utilisation
}

/**
 * P(at most m requests are in the system) of M/D/1, m = 0, 1, 2 …, by a recursion with positive terms only: a request
 * in service sees more than n arrivals with probability h(n), and p(j)·(1 − h(0)) = h(j−1)·p(0) + Σ h(j−k)·p(k) (Tijms,
 * A First Course in Stochastic Models, 9.2).
 */
function cumulativeMd1(utilisation: number): (most: number) => number {
  const exceeded: number[] = []
  const exactly = [1 - utilisation]
  const atMost = [1 - utilisation]
  let poissonTerm = Math.exp(-utilisation)
  let poissonSum = 0
  const extend = (): void => {
    const j = exactly.length
    poissonSum += poissonTerm
    poissonTerm *= utilisation / j
    exceeded.push(Math.max(0, 1 - poissonSum))
    let sum = (exceeded[j - 1] as number) * (exactly[0] as number)
    for (let k = 1; k < j; k++) sum += (exceeded[j - k] as number) * (exactly[k] as number)
    const probability = sum / (1 - (exceeded[0] as number))
    exactly.push(probability)
    atMost.push((atMost[j - 1] as number) + probability)
  }
  return (most) => {
    while (atMost.length <= most) extend()
    return atMost[most] as number
  }
}

/** (e^x − 1) / x, 1 at 0. */
function ratioOfExpm1(x: number): number {
  return Math.abs(x) < 1e-12 ? 1 : Math.expm1(x) / x
}

/** The root of a function that is positive at `low` and negative at `high`, to the last bits. */
function bisect(evaluate: (x: number) => number, low: number, high: number): number {
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (evaluate(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
