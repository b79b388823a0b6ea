import { writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const startedAt = performance.now()

/** Milliseconds since the program started, by its own monotonic clock. */
export function nowMs(): number {
  return performance.now() - startedAt
}

/** Writes what happened now: one line of JSON on stdout, written at once, from whatever thread. */
export function emit(lane: string, kind: string, more: Readonly<Record<string, unknown>> = {}): void {
  writeLine({ t: Math.round(nowMs() * 1000) / 1000, lane, kind, ...more })
}

/** Writes the result: the last line of a program. */
export function emitResult(figures: Readonly<Record<string, unknown>>): void {
  writeLine({ kind: 'result', ...figures })
}

/** The argument of the program, over what holds where it says nothing (also when the program is called by hand). */
export function readArgument<T extends object>(usual: T): T {
  return { ...usual, ...(JSON.parse(process.argv[2] ?? '{}') as Partial<T>) }
}

/** Ends this process once the one that started it is gone. */
export function endWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1)
  }, 500).unref()
}

function writeLine(record: object): void {
  writeSync(1, `${JSON.stringify(record)}\n`)
}
