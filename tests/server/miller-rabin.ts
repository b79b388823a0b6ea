const WITNESSES = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n]

/** Primality by Miller-Rabin with the first twelve primes as witnesses: proven exact below 3.3 · 10^24. */
export function isPrimeByMillerRabin(n: bigint): boolean {
  if (n < 2n) return false
  for (const prime of WITNESSES) if (n % prime === 0n) return n === prime
  let odd = n - 1n
  let twos = 0
  for (; odd % 2n === 0n; odd /= 2n) twos++
  return WITNESSES.every((witness) => passes(witness, n, odd, twos))
}

function passes(witness: bigint, n: bigint, odd: bigint, twos: number): boolean {
  let x = power(witness, odd, n)
  if (x === 1n || x === n - 1n) return true
  for (let i = 1; i < twos; i++) {
    x = (x * x) % n
    if (x === n - 1n) return true
  }
  return false
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let square = base % modulus, left = exponent; left > 0n; left /= 2n) {
    if (left % 2n === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
