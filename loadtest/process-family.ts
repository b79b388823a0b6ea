import { childrenOf, descendantsOf, listProcesses, readProcess } from '../cluster/proc.ts'

/** False where the kernel keeps no files of children: a look at all processes is too dear to be had again and again. */
export const CHILDREN_KNOWN: boolean = childrenOf(process.pid) !== null

/** Some processes and all that descend from them: also one whose parent is gone, once it was seen. */
export class ProcessFamily {
  #members: ReadonlySet<number>

  constructor(roots: readonly number[]) {
    this.#members = new Set(roots)
  }

  /** Those that are there now; a look at them is cheap where {@link CHILDREN_KNOWN}. */
  living(): ReadonlySet<number> {
    const found = new Set([...this.#members].filter((pid) => readProcess(pid) !== null))
    if (CHILDREN_KNOWN) {
      // What is found is looked at too.
      for (const pid of found) for (const child of childrenOf(pid) ?? []) found.add(child)
    } else {
      for (const { pid } of descendantsOf(found, listProcesses())) found.add(pid)
    }
    this.#members = found
    return found
  }
}
