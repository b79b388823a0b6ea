import { type ChildProcess, spawn } from 'node:child_process'
import { lstatSync, mkdirSync, rmSync, rmdirSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import os from 'node:os'
import { join } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { listFolder } from '../core/folders.ts'
import { compiled } from '../core/paths.ts'
import { claimedProcesses, endProcesses } from './census.ts'
import { removeQuotasOf } from './cpu-quota.ts'
import { createOwnedLaunch, type LaunchOptions, type OwnedLaunch } from './owned-launch.ts'
import { claimOfSession } from './session-claim.ts'
import { describeOwner, ownerState, thisOwner } from './session-owner.ts'

/** Everything that one process of ours starts. Its folder names its owner, so that a successor can clear up after it. */
export interface Session {
  readonly id: string
  /** Private folder (mode 0700) that holds one folder per launch. */
  readonly dir: string
  /** What was found of sessions whose owner had died, and was ended when this one was opened. */
  readonly reaped: ReapReport
  /** Begins a launch. */
  createLaunch(label: string, options?: LaunchOptions): OwnedLaunch
  /** Has a guard end what is left of it when its owner is killed, whatever its launches are. Idempotent. */
  guard(): void
  /** Ends every launch and removes the folder. Idempotent. */
  close(): Promise<void>
}

/** What dead sessions had left behind. */
export interface ReapReport {
  readonly sessions: number
  /** Pids that were ended. */
  readonly pids: readonly number[]
}

/** Longest path of a unix socket that every platform takes, with room for its terminating zero. */
const SOCKET_PATH_MAX = 100

/** Longest path, below a launch's folder, of a socket that a model makes (PM2's, with its own folder). */
const SOCKET_ROOM = '/pm2/interactor.sock'.length

/**
 * Opens a session: first ends what sessions of dead owners left behind, then makes a folder of its own below the state
 * root (`<tmpdir>/forkwise-<uid>` unless given). Sessions of living owners are not touched. When this process ends
 * without closing its sessions, their processes are killed in its last moment. When it is killed, those with a channel to it
 * end by themselves, and a guard (cluster/session-guard.ts) ends the others; what the guard misses, the next session to be
 * opened ends. Throws FOLDER_UNWRITABLE when the state root cannot be used.
 */
export async function openSession(options: { readonly stateRoot?: string } = {}): Promise<Session> {
  const stateRoot = options.stateRoot ?? defaultStateRoot()
  prepareStateRoot(stateRoot)
  const reaped = await reapDeadSessions(stateRoot)
  const { id, dir } = makeSessionFolder(stateRoot)
  if (dir.length + '/99999'.length + SOCKET_ROOM > SOCKET_PATH_MAX) {
    rmSync(dir, { recursive: true, force: true })
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected a short path for the state folder, since unix sockets are made in it; got \`${stateRoot}\`.`,
      hint: 'Set `TMPDIR` to a folder with a shorter path.',
    })
  }
  return new OpenSession(id, dir, stateRoot, reaped)
}

/** Sessions of this process that are open: killed in its last moment. */
const openSessions = new Set<OpenSession>()

class OpenSession implements Session {
  readonly id: string
  readonly dir: string
  readonly reaped: ReapReport
  readonly #stateRoot: string
  readonly #launches = new Set<OwnedLaunch>()
  #launchCount = 0
  #guard: ChildProcess | null = null
  #closing: Promise<void> | null = null

  constructor(id: string, dir: string, stateRoot: string, reaped: ReapReport) {
    this.id = id
    this.dir = dir
    this.#stateRoot = stateRoot
    this.reaped = reaped
    if (openSessions.size === 0) process.on('exit', killOpenSessions)
    openSessions.add(this)
  }

  createLaunch(label: string, options: LaunchOptions = {}): OwnedLaunch {
    if (this.#closing)
      throw new ForkwiseError('INTERNAL', { message: `The session is closed; \`${label}\` came late.` })
    this.#launchCount += 1
    const name = String(this.#launchCount)
    const launch = createOwnedLaunch({
      id: `${this.id}.${name}`,
      label,
      dir: join(this.dir, name),
      onUnwatched: () => this.guard(),
      ...options,
    })
    this.#launches.add(launch)
    return launch
  }

  guard(): void {
    this.#guard ??= startGuard(this.id, this.dir)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** For the last moment of this process, when nothing can be awaited. */
  closeNow(): void {
    for (const launch of this.#launches) launch.endNow()
    try {
      rmSync(this.dir, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 })
      removeIfEmpty(this.#stateRoot)
    } catch {
      // A process that is just dying wrote into it; the next session removes the rest.
    }
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#launches].map((launch) => launch.end()))
    await removeQuotasOf(this.id)
    this.#guard?.kill('SIGKILL')
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
    removeIfEmpty(this.#stateRoot)
    openSessions.delete(this)
    if (openSessions.size === 0) process.off('exit', killOpenSessions)
  }
}

/** A guard, which neither keeps this process alive nor carries a mark of a launch. */
function startGuard(id: string, dir: string): ChildProcess {
  const { PATH = '', TMPDIR } = process.env
  const guard = spawn(process.execPath, [compiled('cluster/session-guard.js'), id, dir], {
    env: { PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }) },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
  })
  // Without it the next session clears up.
  guard.on('error', () => undefined)
  guard.unref()
  guard.channel?.unref()
  return guard
}

function killOpenSessions(): void {
  for (const session of openSessions) session.closeNow()
}

async function reapDeadSessions(stateRoot: string): Promise<ReapReport> {
  const pids: number[] = []
  let sessions = 0
  for (const id of listFolder(stateRoot)) {
    const dir = join(stateRoot, id)
    const state = ownerState(id)
    if (state === 'alive' || state === 'unknown') continue
    if (state === 'dead') pids.push(...(await endProcesses(claimOfSession(id, dir))))
    await removeQuotasOf(id)
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    sessions += 1
  }
  return { sessions, pids }
}

/** Live processes of a session, whoever owns it: for tests and for `doctor`. */
export function sessionProcesses(id: string, dir: string): number[] {
  return claimedProcesses(claimOfSession(id, dir)).map((entry) => entry.pid)
}

/** Where sessions are unless somebody says otherwise. */
export function defaultStateRoot(): string {
  const user = process.getuid?.() ?? os.userInfo().username
  return join(os.tmpdir().length > 30 ? '/tmp' : os.tmpdir(), `forkwise-${user}`)
}

/** Makes the state root, or makes sure that the one that exists is ours alone: /tmp belongs to everybody. */
function prepareStateRoot(stateRoot: string): void {
  try {
    mkdirSync(stateRoot, { recursive: true, mode: 0o700 })
    const stat = lstatSync(stateRoot)
    const mine = process.getuid === undefined || stat.uid === process.getuid()
    if (stat.isDirectory() && mine && (stat.mode & 0o077) === 0) return
  } catch (error) {
    throw new ForkwiseError(
      'FOLDER_UNWRITABLE',
      { message: `Expected to be able to make the state folder \`${stateRoot}\`; got: ${messageOf(error)}.` },
      { cause: error },
    )
  }
  throw new ForkwiseError('FOLDER_UNWRITABLE', {
    message: `Expected the state folder \`${stateRoot}\` to belong to this user alone (mode 0700); it does not.`,
    hint: 'Remove it, or set `TMPDIR` to a folder of your own.',
  })
}

function makeSessionFolder(stateRoot: string): { id: string; dir: string } {
  const id = describeOwner(thisOwner(), randomBytes(3).toString('hex'))
  const dir = join(stateRoot, id)
  // Recursive: another session may just have removed the empty state root.
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return { id, dir }
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    // Other sessions are open.
  }
}
