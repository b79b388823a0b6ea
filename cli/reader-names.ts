import { sep } from 'node:path'

/** The folder of a run, and what it is a run of, e.g. `spinner`. */
export interface NamedRun {
  readonly dir: string
  readonly title: string
}

/**
 * How the readers of runs are called: each by the folder that tells it from the others, which is not that of a single run
 * (`anna` for `class/anna/spinner` and for `class/anna/results/2026-11-27-093324-labs/01-spinner`). Two runs of the same thing
 * are of two readers, or are told apart by the folders below.
 */
export function readerNames(runs: readonly NamedRun[]): readonly string[] {
  const places = runs.map(({ dir, title }) => placeOf(dir, title))
  while (separate(places));
  return namesOf(places)
}

/** A path, and how much of it is the folder of its reader. */
interface Place {
  readonly parts: readonly string[]
  readonly title: string
  depth: number
}

function placeOf(dir: string, title: string): Place {
  const parts = dir.split(sep)
  let depth = parts.length
  while (depth > 2 && isRunName(parts[depth - 1] ?? '', title)) depth--
  return { parts, title, depth }
}

/** A folder that is called as runs are, not as people: by its lab, a count, a date or as the place of results. */
function isRunName(name: string, title: string): boolean {
  const bare = name.replace(/^\d+-/, '')
  const isOfTitle = bare.startsWith(title) && /^([-_]?\d+)?$/.test(bare.slice(title.length))
  return (
    isOfTitle || /^\d+$/.test(name) || /^\d{4}-\d\d-\d\d-/.test(name) || ['results', 'labs', 'drills'].includes(name)
  )
}

/** Goes one folder down where two runs of the same thing would be of one reader; false where there are none. */
function separate(places: readonly Place[]): boolean {
  const bases = new Set(places.map(baseOf))
  let hasMoved = false
  for (const group of [...bases].map((base) => places.filter((place) => baseOf(place) === base))) {
    const twice = group.filter(({ title }, index) => group.some((each, at) => at !== index && each.title === title))
    if (twice.length === 0) continue
    for (const place of group) {
      const mayMove = place.depth < place.parts.length - (twice.includes(place) ? 0 : 1)
      if (!mayMove) continue
      place.depth++
      hasMoved = true
    }
  }
  return hasMoved
}

function baseOf({ parts, depth }: Place): string {
  return parts.slice(0, depth).join(sep)
}

/** The last folder of each, with as many of those above as are needed to tell it from another. */
function namesOf(places: readonly Place[]): readonly string[] {
  const last = (place: Place, count: number): string => place.parts.slice(0, place.depth).slice(-count).join('/')
  return places.map((place) => {
    const isRun = place.depth === place.parts.length && isRunName(place.parts.at(-1) ?? '', place.title)
    let count = isRun ? 2 : 1
    const others = places.filter((other) => baseOf(other) !== baseOf(place))
    while (count < place.depth && others.some((other) => last(other, count) === last(place, count))) count++
    return last(place, count)
  })
}
