import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { defaultStateRoot } from '../../cluster/session.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import { readRegularFile } from '../../store/regular-file.ts'
import { CONTROL_FILES, type ControlAnswer, type ControlRequest, type RunningDrill } from './control.ts'

/** A drill that runs now, and where it can be controlled. */
export interface FoundDrill extends RunningDrill {
  readonly socket: string
}

/** The drills of this user that run now. */
export async function findRunningDrills(stateRoot: string = defaultStateRoot()): Promise<readonly FoundDrill[]> {
  const found = namesIn(stateRoot).flatMap((session) => {
    const dir = join(stateRoot, session)
    const facts = readFacts(join(dir, CONTROL_FILES.facts))
    return facts === null ? [] : [{ ...facts, socket: join(dir, CONTROL_FILES.socket) }]
  })
  const alive = await Promise.all(found.map(async ({ socket }) => isListening(socket)))
  return found.filter((_, place) => alive[place] === true).toSorted((a, b) => a.id.localeCompare(b.id))
}

/**
 * The drill that is meant: the only one, or the one whose run or name is given. Throws USAGE when none runs, none of that
 * name, or several do.
 */
export async function findRunningDrill(
  which: string | null,
  stateRoot: string = defaultStateRoot(),
): Promise<FoundDrill> {
  const running = await findRunningDrills(stateRoot)
  const meant = running.filter(({ id, drill, pid }) => which === null || [id, drill, String(pid)].includes(which))
  const [first] = meant
  if (first !== undefined && meant.length === 1) return first
  const names = running.map(({ id }) => id).join(', ')
  if (running.length === 0) {
    throw new ForkwiseError('USAGE', {
      message: 'Expected a drill that runs in another terminal, got none.',
      hint: 'Begin one there: npx forkwise drill blocked-loop',
    })
  }
  throw new ForkwiseError('USAGE', {
    message:
      meant.length === 0
        ? `Expected \`--run\` to name a drill that runs, got ${quoted(which)}.`
        : `Expected to know which drill is meant: ${meant.length} run.`,
    hint: `Name one with \`--run\`: ${names}.`,
  })
}

/** Asks a running drill something, and gives what comes back. Throws what the drill answers with, or USAGE when it is over. */
export async function askDrill(drill: FoundDrill, request: ControlRequest): Promise<unknown> {
  const socket = net.connect(drill.socket)
  try {
    await once(socket, 'connect')
    socket.write(`${JSON.stringify(request)}\n`)
    const answer = await firstLine(socket)
    if (answer === null) throw over(drill)
    const reply = JSON.parse(answer) as ControlAnswer
    if (reply.ok) return reply.result
    throw new ForkwiseError(reply.code, reply.problems)
  } catch (thrown) {
    if (thrown instanceof ForkwiseError) throw thrown
    throw over(drill, messageOf(thrown))
  } finally {
    socket.destroy()
  }
}

async function firstLine(socket: net.Socket): Promise<string | null> {
  const failed = new Promise<null>((resolve) => socket.once('error', () => resolve(null)))
  const lines = createInterface({ input: socket, crlfDelay: Infinity })
  const line = new Promise<string | null>((resolve) => {
    lines.once('line', resolve)
    lines.once('close', () => resolve(null))
  })
  return Promise.race([line, failed])
}

function over({ id }: FoundDrill, why = ''): ForkwiseError {
  return new ForkwiseError('USAGE', {
    message: `Expected the drill ${id} to answer, but it is over${why === '' ? '' : `: ${why}`}.`,
    hint: 'What came of it stands in its terminal and in its results folder.',
  })
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path)
    const settle = (listening: boolean): void => {
      socket.destroy()
      resolve(listening)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function readFacts(path: string): RunningDrill | null {
  try {
    const facts = JSON.parse(readRegularFile(path)?.toString('utf8') ?? 'null') as RunningDrill | null
    return facts?.schema === 'forkwise/running-drill@1' ? facts : null
  } catch {
    return null
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}
