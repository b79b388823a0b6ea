/**
 * Faults that had another id up to version 0.1, by that id: results folders and command lines of then are read on for one
 * version, and then this table goes.
 */
const RENAMED: Readonly<Record<string, string>> = {
  'kill-worker': 'kill',
  'freeze-worker': 'freeze',
  stop: 'freeze',
  memory: 'leak',
}

/** The id that a fault has today; any other name is given back as it is. */
export function currentFaultId(id: string): string {
  return RENAMED[id] ?? id
}

/** A sentence for each name that a fault no longer has. */
export function renamedFaultNotes(names: readonly string[]): string[] {
  return names
    .filter((name) => name !== currentFaultId(name))
    .map(
      (name) =>
        `The fault \`${name}\` is called \`${currentFaultId(name)}\` now; the old name goes with the next version.`,
    )
}
