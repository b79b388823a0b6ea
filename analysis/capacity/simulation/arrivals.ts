import { exponential, type Random } from '../../../core/random.ts'

/** When requests come, whatever the server does. Rates are requests per second over a long time. */
export type Arrivals =
  | { readonly kind: 'poisson'; readonly ratePerS: number }
  | { readonly kind: 'constant'; readonly ratePerS: number }
  | BurstyArrivals
  /** Measured gaps between arrivals in seconds, from the start again when they are used up. */
  | { readonly kind: 'trace'; readonly gapsS: readonly number[] }

/**
 * Poisson arrivals whose rate switches between calm and burst at random (a Markov-modulated Poisson process with two
 * states). The mean rate over a long time is `ratePerS`.
 */
export interface BurstyArrivals {
  readonly kind: 'bursty'
  readonly ratePerS: number
  /** Rate during a burst as a multiple of the calm rate. */
  readonly burstFactor: number
  /** Share of the time that bursts take, above 0 and below 1. */
  readonly burstShare: number
  /** Mean length of a burst in seconds. */
  readonly burstS: number
}

/** Mean rate in requests per second. */
export function meanRatePerS(arrivals: Arrivals): number {
  if (arrivals.kind !== 'trace') return arrivals.ratePerS
  return arrivals.gapsS.length / arrivals.gapsS.reduce((sum, gap) => sum + gap, 0)
}

/** The same law at another mean rate; the pattern of a trace is kept and its gaps stretched. */
export function atRate(arrivals: Arrivals, ratePerS: number): Arrivals {
  if (arrivals.kind !== 'trace') return { ...arrivals, ratePerS }
  const stretch = meanRatePerS(arrivals) / ratePerS
  return { kind: 'trace', gapsS: arrivals.gapsS.map((gap) => gap * stretch) }
}

/** A function that gives the gap to the next arrival in seconds at each call. */
export function gapSampler(arrivals: Arrivals, random: Random): () => number {
  switch (arrivals.kind) {
    case 'poisson': {
      const meanGapS = 1 / arrivals.ratePerS
      return () => exponential(random, meanGapS)
    }
    case 'constant': {
      const gapS = 1 / arrivals.ratePerS
      return () => gapS
    }
    case 'bursty':
      return burstySampler(arrivals, random)
    case 'trace': {
      const { gapsS } = arrivals
      if (gapsS.length === 0) throw new RangeError('Expected at least one gap in a trace of arrivals, got none.')
      let index = -1
      return () => {
        index = (index + 1) % gapsS.length
        return gapsS[index] as number
      }
    }
  }
}

function burstySampler({ ratePerS, burstFactor, burstShare, burstS }: BurstyArrivals, random: Random): () => number {
  const calmRatePerS = ratePerS / (1 - burstShare + burstShare * burstFactor)
  const calmS = (burstS * (1 - burstShare)) / burstShare
  let bursting = random() < burstShare
  let phaseLeftS = exponential(random, bursting ? burstS : calmS)
  return () => {
    let gapS = 0
    for (;;) {
      const candidateS = exponential(random, 1 / (bursting ? calmRatePerS * burstFactor : calmRatePerS))
      if (candidateS <= phaseLeftS) {
        phaseLeftS -= candidateS
        return gapS + candidateS
      }
      gapS += phaseLeftS
      bursting = !bursting
      phaseLeftS = exponential(random, bursting ? burstS : calmS)
    }
  }
}
