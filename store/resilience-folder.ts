import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { resultJson } from '../core/estimate.ts'
import type {
  ResilienceCell,
  ResilienceManifest,
  ResilienceRates,
  ResilienceResult,
} from '../core/resilience-record.ts'
import { makeNewFolder } from './new-folder.ts'
import { cellOfFirst, type FirstCell, type FirstManifest, manifestOfFirst } from './resilience-first-version.ts'
import { unwritable } from './unwritable.ts'

const MANIFEST = 'forkwise/resilience-manifest@2'
const FIRST_MANIFEST = 'forkwise/resilience-manifest@1'
const RATES = 'forkwise/resilience-rates@1'
const CELL = 'forkwise/resilience-cell@2'
const FIRST_CELL = 'forkwise/resilience-cell@1'

/** Everything a resilience folder holds that its texts are made from. */
export interface ResilienceRun {
  readonly dir: string
  readonly manifest: ResilienceManifest
  /** Null when the run ended before they were known. */
  readonly rates: ResilienceRates | null
  readonly cells: readonly ResilienceCell[]
}

/** Writes a resilience folder, piece by piece, so that a run that dies keeps all it has finished. */
export class ResilienceFolder {
  readonly dir: string

  constructor(dir: string) {
    this.dir = resolve(dir)
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): ResilienceFolder {
    const folder = new ResilienceFolder(dir)
    makeNewFolder(folder.dir)
    return folder
  }

  /** Writes manifest.json. */
  writeManifest(manifest: ResilienceManifest): void {
    this.write('manifest.json', pretty(manifest))
  }

  /** Writes rates.json. */
  writeRates(rates: ResilienceRates): void {
    this.write('rates.json', pretty(rates))
  }

  /** Writes result.json. */
  writeResult(result: ResilienceResult): void {
    this.write('result.json', `${resultJson(result, 2)}\n`)
  }

  /** Keeps a finished cell. */
  appendCell(cell: ResilienceCell): void {
    try {
      appendFileSync(join(this.dir, 'cells.ndjson'), `${JSON.stringify(cell)}\n`)
    } catch (thrown) {
      throw unwritable(this.dir, thrown)
    }
  }

  /** Writes a text made from the run, whole or not at all. */
  write(name: string, text: string): void {
    const path = join(this.dir, name)
    try {
      writeFileSync(`${path}.tmp`, text)
      renameSync(`${path}.tmp`, path)
    } catch (thrown) {
      throw unwritable(this.dir, thrown)
    }
  }
}

/** True when a folder is that of a resilience run, of whatever version. */
export function isResilienceFolder(dir: string): boolean {
  try {
    return (
      schemaOf(JSON.parse(readFileSync(join(resolve(dir), 'manifest.json'), 'utf8')))?.startsWith(
        'forkwise/resilience-manifest@',
      ) === true
    )
  } catch {
    return false
  }
}

/** Reads a resilience folder; throws RESULT_INVALID, saying what is wrong, when this version cannot read it. */
export function readResilienceRun(dir: string): ResilienceRun {
  const path = resolve(dir)
  const rates = join(path, 'rates.json')
  return {
    dir: path,
    manifest: readManifest(join(path, 'manifest.json')),
    rates: existsSync(rates) ? parsed<ResilienceRates>(rates, readText(rates), [RATES]) : null,
    cells: readCells(join(path, 'cells.ndjson')),
  }
}

function readManifest(file: string): ResilienceManifest {
  const manifest = parsed<ResilienceManifest | FirstManifest>(file, readText(file), [MANIFEST, FIRST_MANIFEST])
  return manifest.schema === FIRST_MANIFEST ? manifestOfFirst(manifest) : manifest
}

/** A last line without its end was cut off by the death of the run, and is left out. */
function readCells(file: string): ResilienceCell[] {
  if (!existsSync(file)) return []
  const lines = readText(file).split('\n').slice(0, -1)
  return lines.map((line, index) => {
    const cell = parsed<ResilienceCell | FirstCell>(`${file}, line ${index + 1}`, line, [CELL, FIRST_CELL])
    return cell.schema === FIRST_CELL ? cellOfFirst(cell) : cell
  })
}

function parsed<T extends { readonly schema: string }>(
  where: string,
  text: string,
  schemas: readonly T['schema'][],
): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw invalid(`Expected ${where} to be readable, got: ${messageOf(thrown)}.`)
  }
  const got = schemaOf(value)
  if (schemas.some((schema) => schema === got)) return value as T
  throw invalid(`Expected ${where} to be "${schemas[0]}", got ${got === null ? 'no schema' : `"${got}"`}.`)
}

function schemaOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return null
  return typeof value.schema === 'string' ? value.schema : null
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw invalid(`Expected ${file} to be readable, got: ${messageOf(thrown)}.`)
  }
}

function invalid(message: string): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message,
    hint: 'The folder is damaged or from another version of Forkwise; run it again: forkwise resilience',
  })
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
