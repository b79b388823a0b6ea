/** A source of uniform random numbers in [0, 1). */
export type Random = () => number

/**
 * The sfc32 generator (Chris Doty-Humphrey, PractRand), seeded by splitmix-style mixing of one 32-bit number. The same
 * seed gives the same sequence on every machine; period about 2^128.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next32 = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  let a = next32()
  let b = next32()
  let c = next32()
  let counter = 1
  const step = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) step()
  return () => ((step() >>> 5) * 0x4000000 + (step() >>> 6)) / 0x20000000000000
}

/** A seed for one part of a run, derived from the run's seed and the part's name (FNV-1a), so that parts are independent. */
export function deriveSeed(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = (0x811c9dc5 ^ (seed >>> 0)) >>> 0
  for (const character of parts.join('\u0000')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  }
  return hash
}

/**
 * A uniform number in [0, 1) for a whole number below 2^32, the same on every machine: neighbours and seeds are unrelated
 * (two rounds of multiply and shift, as in splitmix32).
 */
export function hashedUniform(seed: number, n: number): number {
  let z = (Math.imul(n, 0x9e3779b9) + seed) >>> 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return ((z ^ (z >>> 15)) >>> 0) / 0x100000000
}

/** An exponential variate of the given mean, by inversion; same unit as `mean`. */
export function exponential(random: Random, mean: number): number {
  return -Math.log1p(-random()) * mean
}

/** A standard normal variate (Marsaglia's polar method). */
export function standardNormal(random: Random): number {
  for (;;) {
    const u = 2 * random() - 1
    const v = 2 * random() - 1
    const s = u * u + v * v
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s)
  }
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = result[i] as T
    result[i] = result[j] as T
    result[j] = held
  }
  return result
}
