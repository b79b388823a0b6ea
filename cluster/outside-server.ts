import { acceptsConnections } from '../core/accepts-connections.ts'
import { ForkwiseError } from '../core/errors.ts'
import type { OutsideServer } from '../core/records.ts'
import { resolveLoopback } from './loopback.ts'
import type { ModelProcess, ServerModel } from './model.ts'
import { descendantsOf, isAlive, listProcesses, type ProcessEntry, readProcess } from './proc.ts'

/** How long a connection to the server may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2_000

/**
 * A server model for a server that runs already, whoever started it and in whatever language: starting it only looks
 * whether it accepts connections, and nothing ever ends it. With the pid of its root process, CPU and memory of that
 * process and all below it are its own; without, they are unknown. Throws USAGE when there is no such process.
 */
export function outsideModel(name: string, outside: OutsideServer): ServerModel {
  const root = outside.pid === null ? null : requireProcess(name, outside.pid)
  const url = new URL(outside.url)
  return {
    id: name,
    title: `A server that runs already, at ${url.origin}`,
    tradeoff: 'Whatever it is made of: it was not started here, and is not started afresh for each block.',
    executor: 'inline',
    routing: 'one',
    runs: 'any-node-app',
    outside,
    topology: () => (root === null ? {} : { worker: 1 }),
    start: async ({ signal }) => {
      const address = await resolveLoopback(url)
      const trouble = await findTrouble(address, root)
      signal.throwIfAborted()
      if (trouble !== null) throw unreachable(name, trouble)
      return outsideProcess(name, address, root)
    },
  }
}

function outsideProcess(name: string, url: URL, root: ProcessEntry | null): ModelProcess {
  return {
    targets: () => [url],
    requestStop: () => Promise.resolve(),
    foreignUnits: () =>
      Promise.resolve(root !== null && isAlive(root) ? [{ name, role: 'worker', pid: root.pid }] : []),
    outsideProcesses: () => (root === null ? [] : processTree(root)),
    findTrouble: () => findTrouble(url, root),
  }
}

/** The process and all below it that live; empty when the process is gone. */
function processTree(root: ProcessEntry): ProcessEntry[] {
  const processes = listProcesses()
  const own = processes.get(root.pid)
  if (own === undefined || own.zombie || own.birth !== root.birth) return []
  return [own, ...descendantsOf([root.pid], processes).filter((entry) => !entry.zombie)]
}

async function findTrouble(url: URL, root: ProcessEntry | null): Promise<string | null> {
  if (root !== null && !isAlive(root)) return `its process ${root.pid} is gone`
  const place = { host: url.hostname, port: Number(url.port || 80) }
  return (await acceptsConnections(place, CONNECT_TIMEOUT_MS)) ? null : `nothing accepts connections at ${url.origin}`
}

function requireProcess(name: string, pid: number): ProcessEntry {
  const entry = readProcess(pid)
  const ours = pid === process.pid || descendantsOf([pid], listProcesses()).some((below) => below.pid === process.pid)
  if (entry !== null && !entry.zombie && !ours) return entry
  throw new ForkwiseError('USAGE', {
    message: `Expected \`--pid\` of \`${name}\` to be a process that runs, got ${pid}${ours ? ', below which Forkwise itself runs' : ''}.`,
    hint: `Give the pid of the server's root process, or leave it out: ${name} is then measured without CPU figures.`,
  })
}

function unreachable(name: string, trouble: string): ForkwiseError {
  return new ForkwiseError('TARGET_UNREACHABLE', {
    message: `\`${name}\` cannot be measured: ${trouble}.`,
    hint: 'It is a server of your own: start it yourself and let it run until the comparison is over.',
  })
}
