import { exponential, standardNormal, type Random } from '../../../core/random.ts'

/** A distribution of times, as plain data. All values are seconds and not negative. */
export type Distribution =
  | { readonly kind: 'constant'; readonly valueS: number }
  | { readonly kind: 'uniform'; readonly minS: number; readonly maxS: number }
  | { readonly kind: 'exponential'; readonly meanS: number }
  /** A sum of `stages` exponentials; squared coefficient of variation 1 / stages. */
  | { readonly kind: 'erlang'; readonly meanS: number; readonly stages: number }
  /** Two exponentials with balanced means; `cv2` (above 1) is the squared coefficient of variation. */
  | { readonly kind: 'hyperexponential'; readonly meanS: number; readonly cv2: number }
  | { readonly kind: 'lognormal'; readonly meanS: number; readonly cv2: number }
  /** Measured values with how often each came; drawn with exactly these shares. */
  | { readonly kind: 'empirical'; readonly valuesS: readonly number[]; readonly counts: readonly number[] }
  /** These values one after another, from the start again when they are used up: for tests and oracles. */
  | { readonly kind: 'sequence'; readonly valuesS: readonly number[] }

/** The distribution that is always 0. */
export const ZERO: Distribution = { kind: 'constant', valueS: 0 }

/** Mean in seconds. */
export function meanS(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.valueS
    case 'uniform':
      return (distribution.minS + distribution.maxS) / 2
    case 'exponential':
    case 'erlang':
    case 'hyperexponential':
    case 'lognormal':
      return distribution.meanS
    case 'empirical':
      return weightedMean(distribution.valuesS, distribution.counts)
    case 'sequence':
      return weightedMean(distribution.valuesS)
  }
}

/** Squared coefficient of variation: variance / mean²; 0 for a distribution of mean 0. */
export function squaredVariation(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return 0
    case 'uniform':
      return ratio((distribution.maxS - distribution.minS) ** 2 / 12, meanS(distribution) ** 2)
    case 'exponential':
      return 1
    case 'erlang':
      return 1 / distribution.stages
    case 'hyperexponential':
    case 'lognormal':
      return distribution.cv2
    case 'empirical':
    case 'sequence': {
      const mean = meanS(distribution)
      const squares = distribution.valuesS.map((value) => (value - mean) ** 2)
      return ratio(weightedMean(squares, 'counts' in distribution ? distribution.counts : undefined), mean ** 2)
    }
  }
}

/** The same shape with every value multiplied. */
export function scaled(distribution: Distribution, factor: number): Distribution {
  switch (distribution.kind) {
    case 'constant':
      return { ...distribution, valueS: distribution.valueS * factor }
    case 'uniform':
      return { ...distribution, minS: distribution.minS * factor, maxS: distribution.maxS * factor }
    case 'exponential':
    case 'erlang':
    case 'hyperexponential':
    case 'lognormal':
      return { ...distribution, meanS: distribution.meanS * factor }
    case 'empirical':
    case 'sequence':
      return { ...distribution, valuesS: distribution.valuesS.map((value) => value * factor) }
  }
}

/** A function that draws one value in seconds at each call. The distribution's parameters are checked once, here. */
export function sampler(distribution: Distribution, random: Random): () => number {
  switch (distribution.kind) {
    case 'constant': {
      const { valueS } = distribution
      return () => valueS
    }
    case 'uniform': {
      const { minS, maxS } = distribution
      return () => minS + random() * (maxS - minS)
    }
    case 'exponential': {
      const { meanS } = distribution
      return () => exponential(random, meanS)
    }
    case 'erlang':
      return erlangSampler(distribution.meanS, distribution.stages, random)
    case 'hyperexponential':
      return hyperexponentialSampler(distribution.meanS, distribution.cv2, random)
    case 'lognormal': {
      const varianceOfLog = Math.log1p(distribution.cv2)
      const location = Math.log(distribution.meanS) - varianceOfLog / 2
      const spread = Math.sqrt(varianceOfLog)
      return () => Math.exp(location + spread * standardNormal(random))
    }
    case 'empirical':
      return aliasSampler(distribution.valuesS, distribution.counts, random)
    case 'sequence':
      return sequenceSampler(distribution.valuesS)
  }
}

/**
 * The two rates and the share of the first phase of a hyperexponential with balanced means (each phase carries half of
 * the work): p = (1 + √((c²−1)/(c²+1))) / 2, rates 2p/m and 2(1−p)/m (Tijms, A First Course in Stochastic Models, B).
 */
export function hyperexponentialPhases(
  meanS: number,
  cv2: number,
): { readonly share: number; readonly ratesPerS: readonly [number, number] } {
  if (!(cv2 >= 1)) throw new RangeError(`Expected a squared coefficient of variation of at least 1, got ${cv2}.`)
  const share = (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2
  return { share, ratesPerS: [(2 * share) / meanS, (2 * (1 - share)) / meanS] }
}

function erlangSampler(meanS: number, stages: number, random: Random): () => number {
  const stageMeanS = meanS / stages
  return () => {
    let sum = 0
    for (let stage = 0; stage < stages; stage++) sum += exponential(random, stageMeanS)
    return sum
  }
}

function hyperexponentialSampler(meanS: number, cv2: number, random: Random): () => number {
  const { share, ratesPerS } = hyperexponentialPhases(meanS, cv2)
  const [fastMeanS, slowMeanS] = [1 / ratesPerS[0], 1 / ratesPerS[1]]
  return () => exponential(random, random() < share ? fastMeanS : slowMeanS)
}

function sequenceSampler(valuesS: readonly number[]): () => number {
  if (valuesS.length === 0) throw new RangeError('Expected at least one value in a sequence, got none.')
  let index = -1
  return () => {
    index = (index + 1) % valuesS.length
    return valuesS[index] as number
  }
}

/** Draws from a discrete distribution in constant time (Walker's alias method, set up as by Vose 1991). */
function aliasSampler(valuesS: readonly number[], counts: readonly number[], random: Random): () => number {
  const size = valuesS.length
  if (size === 0 || counts.length !== size) {
    throw new RangeError(`Expected as many counts as values and at least one, got ${size} and ${counts.length}.`)
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  const values = Float64Array.from(valuesS)
  const keep = Float64Array.from(counts, (count) => (count * size) / total)
  const alias = new Int32Array(size)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < size; i++) ((keep[i] as number) < 1 ? small : large).push(i)
  while (small.length > 0 && large.length > 0) {
    const less = small.pop() as number
    const more = large[large.length - 1] as number
    alias[less] = more
    keep[more] = (keep[more] as number) - (1 - (keep[less] as number))
    if (keep[more] < 1) small.push(large.pop() as number)
  }
  for (const i of [...small, ...large]) keep[i] = 1
  return () => {
    const place = random() * size
    const i = place | 0
    return values[place - i < (keep[i] as number) ? i : (alias[i] as number)] as number
  }
}

function weightedMean(values: readonly number[], weights?: readonly number[]): number {
  let sum = 0
  let weightSum = 0
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1
    sum += (values[i] as number) * weight
    weightSum += weight
  }
  return ratio(sum, weightSum)
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator
}
