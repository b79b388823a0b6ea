import { join } from 'node:path'

/** Folder of a new run, below `results/` of the current folder. */
export function newRunDir(id: string): string {
  return join(process.cwd(), 'results', id)
}

/** Identity of a new run: its start in UTC. */
export function newRunId(kind: string): string {
  return `${new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')}-${kind}`
}
