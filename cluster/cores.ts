import { availableCores } from '../core/cores.ts'

/** Cores that a server gets here: all, or three quarters where the generator has its own. */
export function serverCores(): number {
  const cores = availableCores()
  return cores < 4 ? cores : cores - Math.max(1, Math.floor(cores / 4))
}
