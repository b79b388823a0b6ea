import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'

/**
 * Writes a file in one step: whoever reads it finds the old text or the new one, whole. When it is to last, the disk has
 * it before it takes the name, or a crash of the machine could leave an empty file. Throws what the system says, a full
 * disk for example, or that a folder has the name, and leaves nothing of its own then.
 */
export function replaceFile(path: string, text: string, isLasting: boolean): void {
  const temporary = `${path}.tmp`
  for (const each of [path, temporary]) {
    if (statSync(each, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error(`${each} is a folder`)
  }
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx')
  try {
    try {
      writeFileSync(file, text)
      if (isLasting) fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  }
}
