import type { TrialSettings } from './trial-context.ts'

/** With four cores or more the generator has a quarter of them to itself, the server the rest; with fewer they share. */
export function placementFor(cores: number): TrialSettings['placement'] {
  if (cores < 4) return null
  const all = Array.from({ length: cores }, (_, cpu) => cpu)
  const forGenerator = Math.max(1, Math.floor(cores / 4))
  return { generator: all.slice(0, forGenerator), server: all.slice(forGenerator) }
}
