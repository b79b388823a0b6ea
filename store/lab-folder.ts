import { resolve } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { resultJson } from '../core/estimate.ts'
import type { LabManifest, LabResult, LabTrial } from '../core/lab-record.ts'
import { FolderReader } from './folder-reader.ts'
import { isComplete, kindOfFolder, requireFolder } from './folder-kind.ts'
import { ResultsFolder, type WhichTexts } from './folder.ts'
import { labManifest, labTrial } from './shapes/lab.ts'
import type { JsonFile, LinesFile } from './stored-file.ts'

const MANIFEST: JsonFile<LabManifest> = {
  name: 'manifest.json',
  tag: 'forkwise/lab-manifest@1',
  lines: false,
  shape: labManifest,
}

const TRIALS: LinesFile<LabTrial> = {
  name: 'trials.ndjson',
  tag: 'forkwise/lab-trial@1',
  lines: true,
  shape: labTrial,
}

/** Everything the folder of a lab holds that its texts are made from. */
export interface LabRecording {
  readonly dir: string
  readonly manifest: LabManifest
  readonly trials: readonly LabTrial[]
  /** False where the run was ended before its time. */
  readonly isComplete: boolean
  /** What is to be known about the files themselves, in sentences. */
  readonly notes: readonly string[]
}

/** Writes the folder of a lab, piece by piece, so that a run that dies keeps all it has finished. */
export class LabFolder {
  readonly #folder: ResultsFolder

  private constructor(folder: ResultsFolder) {
    this.#folder = folder
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): LabFolder {
    return new LabFolder(ResultsFolder.create(dir))
  }

  /** The folder of a run that is there, to write texts into it. */
  static open(dir: string): LabFolder {
    return new LabFolder(ResultsFolder.open(dir))
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.#folder.dir
  }

  /** Writes manifest.json. */
  writeManifest(manifest: LabManifest): void {
    this.#folder.writeRecord(MANIFEST, manifest)
  }

  /** Keeps a finished repetition. */
  appendTrial(trial: LabTrial): void {
    this.#folder.append(TRIALS, trial)
  }

  /** Writes result.json, and notes that the run is over. */
  finish(result: LabResult): void {
    this.#folder.seal([MANIFEST, TRIALS])
    this.#folder.writeText('result.json', `${resultJson(result, 2)}\n`)
  }

  /** Writes texts made from the run, all or those that are missing. */
  writeTexts(texts: Readonly<Record<string, () => string>>, which: WhichTexts): void {
    this.#folder.writeTexts(texts, which)
  }
}

/** True when a folder is that of a lab. Throws RESULT_INVALID when it is no folder. */
export function isLabFolder(dir: string): boolean {
  return kindOfFolder(dir) === 'lab'
}

/** Reads the folder of a lab; throws RESULT_INVALID, saying everything that is wrong, when this version cannot read it. */
export function readLabRecording(dir: string): LabRecording {
  const path = resolve(dir)
  requireFolder(path)
  const reader = new FolderReader(path, 'forkwise lab')
  const [manifest, trials] = [reader.record(MANIFEST), reader.lines(TRIALS)]
  reader.requireAll()
  reader.throwIfAny()
  if (manifest !== null) return { dir: path, manifest, trials, isComplete: isComplete(path), notes: reader.notes() }
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected the folder of a lab with a manifest.json, got ${path} without one.`,
    hint: 'Such folders are written by `forkwise lab`, by default into results/.',
  })
}
