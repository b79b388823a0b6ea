import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { listFolder } from '../core/folders.ts'
import { formatBytes } from '../core/quantities.ts'

/** Bytes of the beginning of a log that are kept whatever follows: how the server started. */
export const KEPT_FIRST_BYTES: number = 64 * 1024

/** Bytes of the end of a log that are kept, and that are looked at for its last lines. */
export const KEPT_LAST_BYTES: number = 256 * 1024

/** A log with more bytes than this on disk is cut; far above what is kept, so that it is seldom done. */
export const LOG_LIMIT_BYTES: number = 1024 * 1024

/** How often the sizes are looked at, in milliseconds: one `fstat` for each log. */
const LOOK_MS = 500

/** What is known of a log that was cut: where its beginning ends, and how many bytes behind it are gone for good. */
interface Cut {
  readonly firstBytes: number
  readonly noteBytes: number
  readonly leftOutBytes: number
}

/**
 * The logs of a launch, the one place where they are written. A process writes into its file by itself, so that nobody's pace
 * but the disk's can hold it up and its last words are there when it was killed. Every writer appends (PM2's daemon and its
 * workers, NGINX and Apache, too), and goes on at the new end of a file that was cut: a log that grows beyond a limit loses its
 * middle, with a line that says how much. What is written in the microseconds of a cut is lost with it, hence “about”.
 */
export class LaunchLogs {
  readonly #dir: string
  readonly #cuts = new Map<string, Cut>()
  #looking: NodeJS.Timeout | null = null

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Opens the log of a process; the caller closes the descriptor once the process has it. */
  open(name: string): number {
    this.#looking ??= setInterval(() => this.cut(), LOOK_MS).unref()
    return openSync(join(this.#dir, `${name}.log`), 'a', 0o600)
  }

  /** The last lines of all logs, newest last. */
  lastLines(count: number): string {
    const logs = listFolder(this.#dir).flatMap((name) => {
      const end = readEnd(join(this.#dir, name))
      return end.text.trim() === '' ? [] : [{ name, ...end }]
    })
    // What PM2 says about itself, its banner above all, stands in for the workers' words only where there are none.
    const own = logs.filter(({ name }) => !name.startsWith('pm2'))
    return (own.length > 0 ? own : logs)
      .toSorted((a, b) => a.changedMs - b.changedMs)
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .join('\n')
  }

  /** Cuts every log that has grown beyond the limit. */
  cut(): void {
    for (const name of listFolder(this.#dir)) {
      try {
        this.#cutLog(name)
      } catch {
        // The log of a server is no reason to end a measurement; the next look tries again.
      }
    }
  }

  /** Stops looking. */
  close(): void {
    if (this.#looking) clearInterval(this.#looking)
  }

  #cutLog(name: string): void {
    const file = openSync(join(this.#dir, name), 'a+')
    try {
      if (bytesOnDisk(file) <= LOG_LIMIT_BYTES) return
      const before = this.#cuts.get(name) ?? { firstBytes: firstLinesBytes(file), noteBytes: 0, leftOutBytes: 0 }
      const last = lastLinesOf(file)
      // Measured anew: what has been written since the end was read is left out, and counted.
      const added = bytesOnDisk(file) - before.firstBytes - before.noteBytes - last.length
      const leftOutBytes = before.leftOutBytes + Math.max(0, added)
      const note = Buffer.from(
        `[… about ${formatBytes(leftOutBytes)} left out: Forkwise keeps the first ${formatBytes(KEPT_FIRST_BYTES)} and the last ${formatBytes(KEPT_LAST_BYTES)} of a log …]\n`,
      )
      ftruncateSync(file, before.firstBytes)
      writeSync(file, Buffer.concat([note, last]))
      this.#cuts.set(name, { firstBytes: before.firstBytes, noteBytes: note.length, leftOutBytes })
    } finally {
      closeSync(file)
    }
  }
}

/** A writer that does not append leaves a hole before what it writes next; holes are not on the disk. */
function bytesOnDisk(file: number): number {
  const { size, blocks } = fstatSync(file)
  return Math.min(size, blocks * 512)
}

/** Bytes of the first whole lines; of all that is kept where a single line is longer. */
function firstLinesBytes(file: number): number {
  const first = read(file, 0, KEPT_FIRST_BYTES)
  const end = first.lastIndexOf('\n') + 1
  return end > 0 ? end : first.length
}

/** The last whole lines; the end of the last one where it alone is longer than what is kept. */
function lastLinesOf(file: number): Buffer {
  const { size } = fstatSync(file)
  if (size <= KEPT_LAST_BYTES) return read(file, 0, size)
  const last = read(file, size - KEPT_LAST_BYTES, KEPT_LAST_BYTES)
  const start = last.indexOf('\n') + 1
  return start < last.length ? last.subarray(start) : last
}

/** The text at the end of a log, and when it was written to, in milliseconds; nothing where it cannot be read. */
function readEnd(path: string): { readonly text: string; readonly changedMs: number } {
  try {
    const file = openSync(path, 'r')
    try {
      return { text: lastLinesOf(file).toString().replaceAll('\0', ''), changedMs: fstatSync(file).mtimeMs }
    } finally {
      closeSync(file)
    }
  } catch {
    return { text: '', changedMs: 0 }
  }
}

function read(file: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(file, buffer, 0, bytes, position))
}
