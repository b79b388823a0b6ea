import type { RunningServer } from '../cluster/model.ts'

/** Names of a server's processes, by pid: those of its units, and those that a proxy started. */
export type Parts = ReadonlyMap<number, string>

/**
 * The processes that a server is to keep: what its units run in, and what a proxy started to pass requests on. Others come
 * and go as they like, since an app may start some for a request.
 */
export async function partsOf(server: Pick<RunningServer, 'units' | 'usage'>): Promise<Parts> {
  const proxies = (await server.usage()).filter(({ role }) => role === 'proxy')
  // A process is called by its own name, not by that of a thread.
  const units = (await server.units()).toSorted((a, b) => (b.thread ?? 0) - (a.thread ?? 0))
  return new Map([...proxies, ...units].map(({ pid, name }) => [pid, name]))
}

/** The processes that are gone, each as subject and verb of a sentence: others that took their places are not the same. */
export function lostParts(before: Parts, after: Parts): string[] {
  return [...before].filter(([pid]) => !after.has(pid)).map(([pid, name]) => `\`${name}\` (pid ${pid}) ended`)
}
