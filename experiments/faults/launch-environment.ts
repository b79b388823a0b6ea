import { preloading } from '../../cluster/faults/preload.ts'
import type { Fault } from './fault.ts'

/** The variables of a launch into which any of these faults is to be injected; their switches are in the folder. */
export function launchEnvironment(faults: readonly Fault[], dir: string): Record<string, string> {
  const programs = faults.flatMap(({ program }) => (program === undefined ? [] : [program]))
  return preloading([...new Set(programs)], dir)
}
