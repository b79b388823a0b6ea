/** Last word of what a Python without an interpreter lock says it is: `CPython 3.14.0 free-threaded`. */
export const FREE_THREADED = 'free-threaded'

/**
 * Whether a Python, by what it says it is, has a lock that lets one thread of a process compute at a time: CPython and PyPy
 * have, a free-threaded CPython has none.
 */
export function holdsInterpreterLock(version: string): boolean {
  return !version.endsWith(` ${FREE_THREADED}`)
}
