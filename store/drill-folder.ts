import { resolve } from 'node:path'
import type { DrillAct, DrillManifest, DrillReferences, DrillResult, DrillSecond } from '../core/drill-record.ts'
import { ForkwiseError } from '../core/errors.ts'
import { FolderReader } from './folder-reader.ts'
import { isComplete, kindOfFolder, requireFolder } from './folder-kind.ts'
import { ResultsFolder, type WhichTexts } from './folder.ts'
import { drillAct, drillManifest, drillReferences, drillSecond } from './shapes/drill.ts'
import type { JsonFile, LinesFile } from './stored-file.ts'

const MANIFEST: JsonFile<DrillManifest> = {
  name: 'manifest.json',
  tag: 'forkwise/drill-manifest@1',
  lines: false,
  shape: drillManifest,
}

const SECONDS: LinesFile<DrillSecond> = {
  name: 'seconds.ndjson',
  tag: 'forkwise/drill-second@1',
  lines: true,
  shape: drillSecond,
}

const ACTS: LinesFile<DrillAct> = { name: 'acts.ndjson', tag: 'forkwise/drill-act@1', lines: true, shape: drillAct }

const REFERENCES: JsonFile<DrillReferences> = {
  name: 'references.json',
  tag: 'forkwise/drill-references@1',
  lines: false,
  shape: drillReferences,
}

/** Everything the folder of a drill holds that its texts are made from. */
export interface DrillRecording {
  readonly manifest: DrillManifest
  readonly seconds: readonly DrillSecond[]
  readonly acts: readonly DrillAct[]
  /** Null where they were not recorded. */
  readonly references: DrillReferences | null
}

/** A recording that was read, with what is to be known about its folder. */
export interface StoredDrill extends DrillRecording {
  readonly dir: string
  readonly isComplete: boolean
  /** What is to be known about the files themselves, in sentences. */
  readonly notes: readonly string[]
}

/** Writes the folder of a drill, piece by piece, so that a run that dies keeps all it has finished. */
export class DrillFolder {
  readonly #folder: ResultsFolder

  private constructor(folder: ResultsFolder) {
    this.#folder = folder
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): DrillFolder {
    return new DrillFolder(ResultsFolder.create(dir))
  }

  /** The folder of a run that is there, to go on with it or to write texts into it. */
  static open(dir: string): DrillFolder {
    return new DrillFolder(ResultsFolder.open(dir))
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.#folder.dir
  }

  /** Writes manifest.json. */
  writeManifest(manifest: DrillManifest): void {
    this.#folder.writeRecord(MANIFEST, manifest)
  }

  /** Keeps a second of the ledger. */
  appendSecond(second: DrillSecond): void {
    this.#folder.append(SECONDS, second)
  }

  /** Keeps what happened. */
  appendAct(act: DrillAct): void {
    this.#folder.append(ACTS, act)
  }

  /** Keeps what the references cost. */
  writeReferences(references: DrillReferences): void {
    this.#folder.writeRecord(REFERENCES, references)
  }

  /** Writes result.json, and notes that the run is over. */
  finish(result: DrillResult): void {
    this.#folder.seal([MANIFEST, SECONDS, ACTS, REFERENCES])
    this.#folder.writeText('result.json', `${JSON.stringify(result, null, 2)}\n`)
  }

  /** Writes texts made from the run, all or those that are missing. */
  writeTexts(texts: Readonly<Record<string, () => string>>, which: WhichTexts): void {
    this.#folder.writeTexts(texts, which)
  }
}

/** True when a folder is that of a drill. Throws RESULT_INVALID when it is no folder. */
export function isDrillFolder(dir: string): boolean {
  return kindOfFolder(dir) === 'drill'
}

/** Reads the folder of a drill; throws RESULT_INVALID, saying everything that is wrong, when this version cannot read it. */
export function readDrillFolder(dir: string): StoredDrill {
  const path = resolve(dir)
  requireFolder(path)
  const reader = new FolderReader(path, 'forkwise drill')
  const [manifest, seconds, acts] = [reader.record(MANIFEST), reader.lines(SECONDS), reader.lines(ACTS)]
  reader.requireAll()
  const references = reader.record(REFERENCES)
  reader.throwIfAny()
  if (manifest !== null) {
    return { dir: path, manifest, seconds, acts, references, isComplete: isComplete(path), notes: reader.notes() }
  }
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected the folder of a drill with a manifest.json, got ${path} without one.`,
    hint: 'Such folders are written by `forkwise drill`, by default into results/.',
  })
}
