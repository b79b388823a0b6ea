import type { ChildProcess, SpawnOptions } from 'node:child_process'
import type { UnitRole } from '../core/unit.ts'

/** Owns the processes and the private folder of one launch of one server. */
export interface Launch {
  /** Random identity, in the environment of every process of the launch. */
  readonly id: string
  /** Private folder (mode 0700, short path): `units/`, `logs/`, `tmp/`. Removed when the launch is over. */
  readonly dir: string
  /** Folder of its processes, where they choose none. */
  readonly cwd: string
  /** Environment for every process of the launch: our own minus npm's and editors' noise, plus the launch protocol. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Starts a process of the launch and records its pid and start time on disk before anything else happens, so that it
   * is found and ended even when this process is killed. Output goes to `logs/<name>.log`.
   */
  spawn(
    unit: { name: string; role: UnitRole },
    command: string,
    args: readonly string[],
    options?: LaunchSpawnOptions,
  ): ChildProcess
  /** Notes a process that the launch caused but did not spawn itself (PM2's daemon). */
  adopt(unit: { name: string; role: UnitRole }, pid: number): void
  /** Last lines of all logs, newest last, for error messages. */
  logTail(lines?: number): string
}

/** The number that an inherited descriptor has in the child. */
export const INHERITED_FD = 3

/** Options of {@link Launch.spawn}. */
export interface LaunchSpawnOptions extends Pick<SpawnOptions, 'cwd' | 'argv0'> {
  readonly env?: Readonly<Record<string, string>>
  /** Opens an IPC channel; the child ends itself when it closes. */
  readonly ipc?: boolean
  /** Keeps the standard input open while we live, as a terminal does: some apps end when it does. Closed without it. */
  readonly stdin?: 'open'
  /** Gives the standard output to the caller as a stream instead of to the log. */
  readonly stdout?: 'pipe'
  /** An open descriptor of ours that the child inherits, as its {@link INHERITED_FD}. */
  readonly inheritFd?: number
  /** A program that is to end by itself (PM2's command line): its end is no failure of the server. */
  readonly transient?: boolean
}
