// Where builds live. `dist` is a symbolic link to a folder below .build: Node resolves it when a program starts, so a
// running program goes on reading the build that it was started from, whatever is built meanwhile.
import { cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { statSync, symlinkSync, utimesSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A build that was replaced stays for a day: no run takes longer. */
const KEPT_MS = 24 * 3600_000

/** Makes `dist` point to a finished build, in one step. A build like the one before is removed instead. */
export function publish(root, folder) {
  const dist = join(root, 'dist')
  const before = linkTarget(dist)
  if (before !== null && sameFiles(before, folder)) {
    rmSync(folder, { recursive: true })
    return
  }
  const link = `${folder}.link`
  symlinkSync(relative(root, folder), link)
  if (before !== null) utimesSync(before, new Date(), new Date())
  setAside(root)
  renameSync(link, dist)
}

/** Makes `dist` a folder with the files of a finished build. The next build makes it a link again. */
export function copyForPacking(root, folder) {
  const copy = `${folder}.copy`
  cpSync(folder, copy, { recursive: true })
  setAside(root)
  rmSync(join(root, 'dist'), { force: true })
  renameSync(copy, join(root, 'dist'))
}

/** Removes what was built or replaced more than a day ago, but for what `dist` is. */
export function removeOld(root) {
  const builds = realpathSync(join(root, '.build'))
  const current = linkTarget(join(root, 'dist'))
  for (const name of readdirSync(builds)) {
    const path = join(builds, name)
    const { mtimeMs } = lstatSync(path)
    if (path !== current && Date.now() - mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true })
  }
}

/** Moves `dist` to .build where it is a folder and no link. */
function setAside(root) {
  const dist = join(root, 'dist')
  const stats = lstatSync(dist, { throwIfNoEntry: false })
  if (stats?.isDirectory() !== true) return
  utimesSync(dist, new Date(), new Date())
  renameSync(dist, join(mkdtempSync(join(root, '.build', 'old-')), 'dist'))
}

function linkTarget(dist) {
  if (lstatSync(dist, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null
  return statSync(dist, { throwIfNoEntry: false }) === undefined ? null : realpathSync(dist)
}

function sameFiles(a, b) {
  const files = readdirSync(a, { recursive: true }).sort()
  if (files.join('\n') !== readdirSync(b, { recursive: true }).sort().join('\n')) return false
  return files.every((file) => {
    const path = join(a, file)
    return statSync(path).isDirectory() || readFileSync(path).equals(readFileSync(join(b, file)))
  })
}
