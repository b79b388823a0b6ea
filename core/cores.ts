import os from 'node:os'

/** Cores this process may use. */
export function availableCores(): number {
  return os.availableParallelism()
}
