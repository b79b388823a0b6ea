// Where builds live. `dist` is a symbolic link to a folder below .build, named by what it was built from: Node resolves
// the link when a program starts, so a running program goes on reading the build that it was started from.
import { createHash } from 'node:crypto'
import { cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { symlinkSync, utimesSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** A build that was replaced stays for a day: no run takes longer. */
const KEPT_MS = 24 * 3600_000

/** What a build depends on beside its source folders; what is missing counts as missing. */
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts']

/** The folder of a build of what the sources are now, whether it was made or not. */
export function folderOfBuild(root, sourceFolders) {
  const hash = createHash('sha256')
  for (const name of [...SETTINGS, ...sourceFolders]) {
    for (const path of filesBelow(join(root, name))) hash.update(`${relative(root, path)}\0`).update(readFileSync(path))
  }
  return join(root, '.build', hash.digest('hex').slice(0, 16))
}

/** Makes `dist` point to a finished build, in one step. */
export function publish(root, folder) {
  const dist = join(root, 'dist')
  touch(dist)
  touch(folder)
  const link = join(mkdtempSync(join(root, '.build', 'link-')), 'dist')
  symlinkSync(relative(root, folder), link)
  setAside(root)
  renameSync(link, dist)
  rmSync(dirname(link), { recursive: true })
}

/** Makes `dist` a folder with the files of a finished build. The next build makes it a link again. */
export function copyForPacking(root, folder) {
  const copy = join(mkdtempSync(join(root, '.build', 'copy-')), 'dist')
  cpSync(folder, copy, { recursive: true })
  setAside(root)
  rmSync(join(root, 'dist'), { force: true })
  renameSync(copy, join(root, 'dist'))
  rmSync(dirname(copy), { recursive: true })
}

/** Removes what was replaced, or given up, more than a day ago. */
export function removeOld(root, current) {
  const builds = join(root, '.build')
  for (const name of readdirSync(builds)) {
    const path = join(builds, name)
    const mtimeMs = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (path !== current && Date.now() - mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true })
  }
}

/** Moves `dist` to .build where it is a folder and no link. */
function setAside(root) {
  const dist = join(root, 'dist')
  if (lstatSync(dist, { throwIfNoEntry: false })?.isDirectory() !== true) return
  renameSync(dist, join(mkdtempSync(join(root, '.build', 'old-')), 'dist'))
}

/** A build's time is when it was last made to be `dist`, or ceased to be. */
function touch(folder) {
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) utimesSync(folder, new Date(), new Date())
}

function filesBelow(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (!stats.isDirectory()) return [path]
  const entries = readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.filter(({ name }) => name !== '__pycache__').flatMap(({ name }) => filesBelow(join(path, name)))
}
