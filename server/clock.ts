/** Seconds on a clock that only goes forward and is the same for all threads and processes of the machine. */
export function monotonicS(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds + nanoseconds / 1e9
}
