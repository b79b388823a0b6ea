import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { shortened } from '../core/quotes.ts'
import { MEASUREMENT_NAME, RESULTS } from './capacity-files.ts'
import { readRegularFile } from './regular-file.ts'
import { SEAL } from './seal.ts'

/** What made a results folder: `compare`, `resilience`, `lab`, `drill`, or one of `scale`, `capacity`, `plan` and `validate-plan`. */
export type FolderKind = 'comparison' | 'resilience' | 'capacity' | 'lab' | 'drill'

/** What the manifests of each kind say they are, of whatever version. */
const FAMILIES: Readonly<Record<string, FolderKind>> = {
  'forkwise/manifest': 'comparison',
  'forkwise/resilience-manifest': 'resilience',
  'forkwise/capacity-manifest': 'capacity',
  'forkwise/lab-manifest': 'lab',
  'forkwise/drill-manifest': 'drill',
}

/**
 * What made a results folder, by what its manifest says. Folders of capacity commands of before 2026-11-26 have none and
 * are known by their files. Null for every other folder. Throws RESULT_INVALID when it is no folder or is not there.
 */
export function kindOfFolder(dir: string): FolderKind | null {
  requireFolder(dir)
  const family = manifestFamily(dir)
  if (family !== null) return FAMILIES[family] ?? null
  if (existsSync(join(dir, 'manifest.json'))) return null
  return namesIn(dir).some(isCapacityFile) ? 'capacity' : null
}

/** Whether the run of a folder is over: its seal is written last. */
export function isComplete(dir: string): boolean {
  return existsSync(join(dir, SEAL.name))
}

/** Throws RESULT_INVALID when a folder does not exist, or is none. */
export function requireFolder(dir: string): void {
  const path = resolve(dir)
  const stats = statsOf(path)
  if (stats?.isDirectory() === true) return
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected a results folder, got ${shortened(path)}, which ${stats === null ? 'does not exist' : 'is no folder'}.`,
    hint: 'Results are written below results/ unless `--out DIR` says otherwise.',
  })
}

function isCapacityFile(name: string): boolean {
  return MEASUREMENT_NAME.test(name) || Object.values(RESULTS).some((file) => file.name === name)
}

function manifestFamily(dir: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readRegularFile(join(dir, 'manifest.json'))?.toString('utf8') ?? 'null')
    const tag = typeof manifest === 'object' && manifest !== null && 'schema' in manifest ? manifest.schema : null
    return typeof tag === 'string' ? (tag.split('@')[0] ?? null) : null
  } catch {
    return null
  }
}

function statsOf(path: string): ReturnType<typeof statSync> | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

/** The names in a folder. Throws RESULT_INVALID when it cannot be read. */
export function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort()
  } catch (thrown) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected to be able to read ${resolve(dir)}, got: ${messageOf(thrown)}.`,
    })
  }
}
