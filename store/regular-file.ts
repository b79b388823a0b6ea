import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'
import { messageOf } from '../core/errors.ts'
import { formatBytes } from '../core/quantities.ts'

/** Why a file cannot be read, as the end of "Expected … to be": `a regular file, got a folder`. */
export class UnreadableFile extends Error {}

/** Longest file that is read, in bytes: about 50,000 trials. Node has no text beyond 512 MiB. */
const MOST_BYTES = 256 * 2 ** 20

/**
 * Reads a file; null when there is none. Never waits: a FIFO, a socket, a device and a folder are refused, and so are a
 * link that leads round in a circle and a file of more than 256 MiB. Throws {@link UnreadableFile}.
 */
export function readRegularFile(path: string): Buffer | null {
  const file = openRegularFile(path)
  if (file === null) return null
  try {
    const { size } = fstatSync(file)
    if (size > MOST_BYTES) {
      throw new UnreadableFile(`a file of at most ${formatBytes(MOST_BYTES)}, got ${formatBytes(size)}`)
    }
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * What stands at a path where a program, a module or a text was to be: null for a file or a folder, otherwise the end of
 * "got …": `which does not exist`, `which is a FIFO`. Whoever opened it without asking would wait for ever.
 */
export function oddityOf(path: string): string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return 'which does not exist'
    return stats.isFile() || stats.isDirectory() ? null : `which is ${kindOf(stats)}`
  } catch (thrown) {
    return `which cannot be looked at: ${messageOf(thrown)}`
  }
}

/** Opens a file to read, as {@link readRegularFile} does, of whatever size; the caller closes it. */
export function openRegularFile(path: string): number | null {
  const file = openToRead(path)
  if (file === null) return null
  const stats = fstatSync(file)
  if (stats.isFile()) return file
  closeSync(file)
  throw new UnreadableFile(`a regular file, got ${kindOf(stats)}`)
}

function openToRead(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'ELOOP') throw new UnreadableFile('a regular file, got a link that leads round in a circle')
    if (code === 'ENXIO') throw new UnreadableFile('a regular file, got a socket or a device')
    throw new UnreadableFile(`readable, got: ${messageOf(thrown)}`)
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isSocket()) return 'a socket'
  return stats.isFIFO() ? 'a FIFO' : 'a device'
}
