import type { NeedsEnvironment, UnmetNeed } from './model.ts'

/** A version of Node as [major, minor]. */
export type NodeVersion = readonly [major: number, minor: number]

/**
 * What is unmet when the Node that runs the measured processes lacks what came with several lines of it: `least` has the
 * first version of each line, oldest first; every later line has it too.
 */
export function needNode({ nodeVersion }: NeedsEnvironment, least: readonly NodeVersion[]): UnmetNeed[] {
  const [major, minor] = nodeVersion
  const line = least.find(([wanted]) => wanted === major)
  const newest = Math.max(...least.map(([wanted]) => wanted))
  if (line === undefined ? major > newest : minor >= line[1]) return []
  const wanted = least.map(([wantedMajor, wantedMinor]) =>
    wantedMinor === 0 ? `${wantedMajor}` : `${wantedMajor}.${wantedMinor}`,
  )
  return [
    {
      what: `Node ${orList(wanted)} or newer (this is ${major}.${minor})`,
      remedy: '`npx forkwise setup` brings Node 24, which is then used by itself; or name one with `--node PATH`.',
    },
  ]
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
