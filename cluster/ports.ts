import { createServer } from 'node:net'
import { ForkwiseError } from '../core/errors.ts'

/**
 * Ports are chosen here rather than by the kernel (port 0), so that a worker that is started again gets the address it
 * had. The range lies below the one that Linux and macOS take ports of outgoing connections from.
 */
const CHOSEN = { from: 18_000, to: 32_000 } as const

/** Tries before we say that no port is free. */
const TRIES = 200

/** Finds `count` consecutive ports that nothing listens on. Throws PORT_TAKEN when none can be found. */
export async function findFreePorts(host: string, count: number): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const first = CHOSEN.from + Math.floor(Math.random() * (CHOSEN.to - CHOSEN.from - count))
    if ((await firstTakenPort(host, first, count)) === null) return first
  }
  throw new ForkwiseError('PORT_TAKEN', {
    message: `Expected ${count} free consecutive ports between ${CHOSEN.from} and ${CHOSEN.to}; found none.`,
    hint: 'Name a port with `--port`.',
  })
}

/**
 * Makes sure that nothing listens on `count` ports from `first` on, which the option chose. Throws PORT_TAKEN with the
 * one that is taken.
 */
export async function requireFreePorts(
  host: string,
  first: number,
  count: number,
  option: string = '--port',
): Promise<void> {
  const taken = await firstTakenPort(host, first, count)
  if (taken === null) return
  throw new ForkwiseError('PORT_TAKEN', {
    message: `Expected \`${option} ${first}\` to be free on ${host}${count > 1 ? ` up to ${first + count - 1}` : ''}; something listens on ${taken}.`,
    hint: `Choose another port, or \`${option} 0\` for any that is free.`,
  })
}

async function firstTakenPort(host: string, first: number, count: number): Promise<number | null> {
  for (let port = first; port < first + count; port++) if (!(await isFree(host, port))) return port
  return null
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
