/**
 * A long computation in pieces. It yields between two of them, with the name of the part that begins where one does, so
 * that whoever drives it can pause, report progress or give up.
 */
export type Pieces<T> = Generator<string | undefined, T, undefined>

/** Computes all pieces at once. */
export function finish<T>(pieces: Pieces<T>): T {
  for (;;) {
    const next = pieces.next()
    if (next.done === true) return next.value
  }
}
