import { createReadStream, existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Handler, StreamedBody } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'

const MAX_KB = 10_240

const PARAMETERS = {
  kb: { name: 'kb', meaning: 'KiB to read and send', fallback: '100', min: '1', max: String(MAX_KB) },
} as const

/** What a line of the file ends with after its number: 64 bytes a line in all, 16 lines a KiB. */
const LINE_END = ' Forkwise reads this line from a file and streams it.\n'

/** Input of `io-file`. */
export interface FileInput {
  readonly kb: number
}

/** The file of each folder, made once. */
const files = new Map<string, Promise<string>>()

/** Streams the first KiBs of a real file whose lines are numbered, so that every part of it is known. */
export const handler: Handler<FileInput, StreamedBody> = {
  id: 'io-file',
  path: '/io/file',
  kind: 'io',
  summary: 'Reads a real file and streams it: waits on the threads of libuv and copies bytes.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => ({ kb: Number(readWholeNumbers(query, PARAMETERS).kb) }),
  async run({ kb }, { filesDir }) {
    const path = await fileIn(filesDir)
    const lengthBytes = kb * 1024
    return {
      contentType: 'text/plain; charset=utf-8',
      lengthBytes,
      stream: createReadStream(path, { end: lengthBytes - 1 }),
    }
  },
}

/** The file's bytes from `firstLine` on, 64 bytes a line. */
export function fileLines(firstLine: number, count: number): string {
  return Array.from({ length: count }, (_, i) => String(firstLine + i).padStart(10, '0') + LINE_END).join('')
}

function fileIn(dir: string): Promise<string> {
  const known = files.get(dir)
  if (known !== undefined) return known
  const made = makeFile(dir)
  files.set(dir, made)
  made.catch(() => files.delete(dir))
  return made
}

/** Writes the file unless another process of the launch has, whole or not at all, and returns its path. */
async function makeFile(dir: string): Promise<string> {
  const path = join(dir, 'lines.txt')
  if (existsSync(path)) return path
  await mkdir(dir, { recursive: true })
  const own = `${path}.${process.pid}`
  await writeFile(own, fileLines(0, MAX_KB * 16))
  await rename(own, path)
  return path
}
