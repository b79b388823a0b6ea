/** A seed for a run that was given none. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 0xffffffff)
}
