import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type ErrorCode, ForkwiseError, messageOf, type Problem } from '../../core/errors.ts'
import type { Desk } from './desk.ts'

/** The socket of a drill and the file that describes it, in the private folder of its session. */
export const CONTROL_FILES = { socket: 'drill.sock', facts: 'drill.json' } as const

/** What a second terminal needs to know of a running drill. */
export interface RunningDrill {
  readonly schema: 'forkwise/running-drill@1'
  readonly drill: string
  /** Identity of the run, by which one of several drills is named. */
  readonly id: string
  readonly pid: number
}

/** What is asked of a running drill: one line of JSON, answered by one. */
export type ControlRequest =
  | { readonly ask: 'status' }
  | { readonly ask: 'do'; readonly lever: string; readonly value: string | null }
  | { readonly ask: 'hint' }
  | { readonly ask: 'acknowledge' }
  | { readonly ask: 'diagnose'; readonly answers: Readonly<Record<string, string>> }
  | { readonly ask: 'give-up' }

/** What comes back. */
export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly problems: readonly Problem[] }

/** Longest request that is read, in characters. */
const MOST_CHARACTERS = 10_000

/**
 * Lets other terminals of the same user control a drill, over a socket in a folder that nobody else may enter; closing it
 * ends every conversation.
 */
export async function openControl(
  dir: string,
  facts: Omit<RunningDrill, 'schema' | 'pid'>,
  desk: Desk,
): Promise<{ close(): void }> {
  const path = join(dir, CONTROL_FILES.socket)
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Whoever asked has left: there is nobody to tell.
    socket.on('error', () => socket.destroy())
    const lines = createInterface({ input: socket, crlfDelay: Infinity })
    lines.on('line', (line) => {
      void answer(line, desk).then((reply) => socket.writable && socket.write(`${JSON.stringify(reply)}\n`))
    })
  })
  server.listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o600)
  const running: RunningDrill = { schema: 'forkwise/running-drill@1', ...facts, pid: process.pid }
  writeFileSync(join(dir, CONTROL_FILES.facts), JSON.stringify(running), { mode: 0o600 })
  return {
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

async function answer(line: string, desk: Desk): Promise<ControlAnswer> {
  try {
    if (line.length > MOST_CHARACTERS) throw new ForkwiseError('USAGE', { message: 'The request is too long.' })
    return { ok: true, result: await perform(readRequest(line), desk) }
  } catch (thrown) {
    return refusal(thrown)
  }
}

function readRequest(line: string): ControlRequest {
  try {
    const request: unknown = JSON.parse(line)
    if (typeof request === 'object' && request !== null && 'ask' in request) return request as ControlRequest
  } catch {
    // Said below.
  }
  throw new ForkwiseError('USAGE', { message: 'Expected a line of JSON with `ask`.' })
}

async function perform(request: ControlRequest, desk: Desk): Promise<unknown> {
  switch (request.ask) {
    case 'status':
      return desk.status()
    case 'do':
      return { text: await desk.pull(request.lever, request.value) }
    case 'hint':
      return desk.hint()
    case 'acknowledge':
      return desk.acknowledge()
    case 'diagnose':
      return desk.diagnose(request.answers)
    case 'give-up':
      return desk.giveUp()
    default:
      throw new ForkwiseError('USAGE', {
        message: 'Expected `ask` to be status, do, hint, acknowledge, diagnose or give-up.',
      })
  }
}

function refusal(thrown: unknown): ControlAnswer {
  if (thrown instanceof ForkwiseError) return { ok: false, code: thrown.code, problems: thrown.problems }
  return { ok: false, code: 'INTERNAL', problems: [{ message: messageOf(thrown) }] }
}
