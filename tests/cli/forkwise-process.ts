import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A private place for runs of the command line: everything they start carries its TMPDIR, so leftovers can be found. */
export interface Place {
  readonly dir: string
  /** Starts the command line there. */
  start(words: readonly string[], env?: Readonly<Record<string, string>>): Started
  /** Runs the command line there to its end. */
  run(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
  /** Command lines of the processes that belong to the place and still live. */
  processes(): string[]
  /** What is left in the state folder. */
  stateEntries(): string[]
  remove(): void
}

/** A run of the command line that was started. */
export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Settles when standard error (and output) holds the text; rejects when the process ends before. */
  until(text: string): Promise<void>
}

/** Makes a private place below the system's temporary folder. */
export function makePlace(): Place {
  const dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
  const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Started =>
    startedIn(dir, words, env)
  return {
    dir,
    start,
    run: (words, env) => start(words, env).ended,
    processes: () => processesOf(dir),
    stateEntries: () =>
      readdirSync(dir)
        .filter((name) => name.startsWith('forkwise-'))
        .flatMap((name) => readdirSync(join(dir, name))),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** Gives a test a place of its own, in which nothing may be left: such tests can run side by side. */
export async function inPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const place = makePlace()
  try {
    await use(place)
    expect(place.processes()).toEqual([])
    expect(place.stateEntries()).toEqual([])
  } finally {
    place.remove()
  }
}

function startedIn(dir: string, words: readonly string[], env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/cli/main.js'), ...words], {
    cwd: dir,
    env: { ...process.env, TMPDIR: dir, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const notify = (): void => {
    for (const watcher of watchers) watcher()
  }
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    notify()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    notify()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr })
    })
  })
  return {
    child,
    ended,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stdout.includes(text) && !stderr.includes(text)) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
        void rejectAfter(ended, () => `Ended before it said "${text}":\n${stdout}${stderr}`, reject)
      }),
  }
}

async function rejectAfter(ended: Promise<Ended>, why: () => string, reject: (error: Error) => void): Promise<void> {
  await ended
  reject(new Error(why()))
}

function processesOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        // Redis overwrites its environment, and works in the folder of its launch.
        const isOurs = environment.includes(`TMPDIR=${dir}`) || readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`)
        if (!isOurs) return []
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`]
      } catch {
        return []
      }
    })
}
