import { join, resolve } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { resultJson } from '../core/estimate.ts'
import type {
  ResilienceCell,
  ResilienceManifest,
  ResilienceRates,
  ResilienceResult,
} from '../core/resilience-record.ts'
import { FolderReader } from './folder-reader.ts'
import { kindOfFolder, requireFolder } from './folder-kind.ts'
import { ResultsFolder, type WhichTexts } from './folder.ts'
import { cellOfFirst, manifestOfFirst } from './resilience-first-version.ts'
import { firstCell, firstManifest, resilienceCell, resilienceManifest, resilienceRates } from './shapes/resilience.ts'
import { type JsonFile, type LinesFile, olderVersion } from './stored-file.ts'

const MANIFEST: JsonFile<ResilienceManifest> = {
  name: 'manifest.json',
  tag: 'forkwise/resilience-manifest@2',
  older: olderVersion('forkwise/resilience-manifest@1', firstManifest, manifestOfFirst),
  lines: false,
  shape: resilienceManifest,
}

const RATES: JsonFile<ResilienceRates> = {
  name: 'rates.json',
  tag: 'forkwise/resilience-rates@1',
  lines: false,
  shape: resilienceRates,
}

const CELLS: LinesFile<ResilienceCell> = {
  name: 'cells.ndjson',
  tag: 'forkwise/resilience-cell@2',
  older: olderVersion('forkwise/resilience-cell@1', firstCell, cellOfFirst),
  lines: true,
  shape: resilienceCell,
}

/** Everything a resilience folder holds that its texts are made from. */
export interface ResilienceRun {
  readonly dir: string
  readonly manifest: ResilienceManifest
  /** Null when the run ended before they were known. */
  readonly rates: ResilienceRates | null
  readonly cells: readonly ResilienceCell[]
  /** What is to be known about the files themselves, in sentences. */
  readonly notes: readonly string[]
}

/** Writes a resilience folder, piece by piece, so that a run that dies keeps all it has finished. */
export class ResilienceFolder {
  readonly #folder: ResultsFolder

  private constructor(folder: ResultsFolder) {
    this.#folder = folder
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): ResilienceFolder {
    return new ResilienceFolder(ResultsFolder.create(dir))
  }

  /** The folder of a run that is there, to go on with it or to write texts into it. */
  static open(dir: string): ResilienceFolder {
    return new ResilienceFolder(ResultsFolder.open(dir))
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.#folder.dir
  }

  /** Writes manifest.json. */
  writeManifest(manifest: ResilienceManifest): void {
    this.#folder.writeRecord(MANIFEST, manifest)
  }

  /** Writes rates.json. */
  writeRates(rates: ResilienceRates): void {
    this.#folder.writeRecord(RATES, rates)
  }

  /** Keeps a finished cell. */
  appendCell(cell: ResilienceCell): void {
    this.#folder.append(CELLS, cell)
  }

  /** Writes result.json, and notes that the run is over. */
  finish(result: ResilienceResult): void {
    this.#folder.seal([MANIFEST, RATES, CELLS])
    this.#folder.writeText('result.json', `${resultJson(result, 2)}\n`)
  }

  /** Writes texts made from the run, all or those that are missing. */
  writeTexts(texts: Readonly<Record<string, () => string>>, which: WhichTexts): void {
    this.#folder.writeTexts(texts, which)
  }
}

/** True when a folder is that of a resilience run, of whatever version. Throws RESULT_INVALID when it is no folder. */
export function isResilienceFolder(dir: string): boolean {
  return kindOfFolder(dir) === 'resilience'
}

/** Reads a resilience folder; throws RESULT_INVALID, saying everything that is wrong, when this version cannot read it. */
export function readResilienceRun(dir: string): ResilienceRun {
  const path = resolve(dir)
  requireFolder(path)
  const reader = new FolderReader(path, 'forkwise resilience')
  const [manifest, rates, cells] = [reader.record(MANIFEST), reader.record(RATES), reader.lines(CELLS)]
  reader.requireAll()
  reader.throwIfAny()
  if (manifest !== null) return { dir: path, manifest, rates, cells, notes: reader.notes() }
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected a resilience folder with a manifest.json, got ${join(path, '')} without one.`,
    hint: 'Such folders are written by `forkwise resilience`, by default into results/.',
  })
}
