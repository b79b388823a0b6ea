import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { resultJson } from '../core/estimate.ts'
import type { BlockRecord, Certificate, Manifest, PilotRecord, Result, TrialRecord } from '../core/records.ts'
import { BLOCKS, CERTIFICATE, HISTOGRAMS, MANIFEST, PILOT, TRIALS } from './comparison-files.ts'
import { FolderReader } from './folder-reader.ts'
import { ResultsFolder } from './folder.ts'
import { type HistogramReader, histogramReader, histogramsOf, withoutHistograms } from './histograms.ts'

const AGAIN = 'forkwise compare'

/** Everything a results folder holds that texts, tables and plots are made from. */
export interface StoredRun {
  readonly dir: string
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  readonly certificate: Certificate | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
  readonly histograms: HistogramReader
  /** What is to be known about the files themselves, in sentences: a line torn by a crash, checksums that are missing. */
  readonly notes: readonly string[]
}

/** Writes the results folder of a comparison, piece by piece, so that a run that dies keeps all it has finished. */
export class RunStore {
  readonly #folder: ResultsFolder
  readonly #trials: TrialRecord[]
  readonly #blocks: BlockRecord[]
  #manifest: Manifest | null
  #pilot: PilotRecord | null
  #certificate: Certificate | null
  readonly #histograms: HistogramReader

  private constructor(folder: ResultsFolder, run: StoredRun | null) {
    this.#folder = folder
    this.#trials = [...(run?.trials ?? [])]
    this.#blocks = [...(run?.blocks ?? [])]
    this.#manifest = run?.manifest ?? null
    this.#pilot = run?.pilot ?? null
    this.#certificate = run?.certificate ?? null
    this.#histograms = run?.histograms ?? storedHistograms(folder.dir)
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.#folder.dir
  }

  /** What was kept so far, without reading it again. Throws RESULT_INVALID before the manifest is written. */
  run(): StoredRun {
    if (this.#manifest === null) throw nothingWritten(this.dir)
    return {
      dir: this.dir,
      manifest: this.#manifest,
      pilot: this.#pilot,
      certificate: this.#certificate,
      trials: this.#trials,
      blocks: this.#blocks,
      histograms: this.#histograms,
      notes: [],
    }
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): RunStore {
    const folder = ResultsFolder.create(
      dir,
      'Choose another folder, or go on with that run: forkwise compare --resume DIR.',
    )
    folder.makeFolder(HISTOGRAMS.name)
    folder.startLines(TRIALS)
    folder.startLines(BLOCKS)
    return new RunStore(folder, null)
  }

  /** Opens the folder of a run that stopped, cutting off a torn last line. */
  static resume(run: StoredRun): RunStore {
    const folder = ResultsFolder.open(run.dir)
    folder.makeFolder(HISTOGRAMS.name)
    folder.continueLines(TRIALS)
    folder.continueLines(BLOCKS)
    return new RunStore(folder, run)
  }

  /** Writes manifest.json. */
  writeManifest(manifest: Manifest): void {
    this.#folder.writeRecord(MANIFEST, manifest)
    this.#manifest = manifest
  }

  /** Writes pilot.json. */
  writePilot(pilot: PilotRecord): void {
    this.#folder.writeRecord(PILOT, pilot)
    this.#pilot = pilot
  }

  /** Copies the calibration's certificate into the run. */
  writeCertificate(certificate: Certificate): void {
    this.#folder.writeRecord(CERTIFICATE, certificate)
    this.#certificate = certificate
  }

  /** Keeps a finished trial: its histograms first, then its line. */
  appendTrial(trial: TrialRecord): void {
    const histograms = histogramsOf(trial)
    if (histograms !== null) {
      this.#folder.writeRecord(HISTOGRAMS, histograms, join(HISTOGRAMS.name, `${trial.id}.json`))
    }
    const record = withoutHistograms(trial)
    this.#folder.append(TRIALS, record)
    this.#trials.push(record)
  }

  /** Keeps what the gates said of a block. */
  appendBlock(block: BlockRecord): void {
    this.#folder.append(BLOCKS, block)
    this.#blocks.push(block)
  }

  /** Writes result.json, and notes that the run is over. */
  finish(result: Result): void {
    this.#folder.seal([MANIFEST, PILOT, CERTIFICATE, TRIALS, BLOCKS])
    this.#folder.writeText('result.json', `${resultJson(result, 2)}\n`)
  }
}

/** Reads the folder of a comparison; throws RESULT_INVALID, saying everything that is wrong, when this version cannot. */
export function readRun(dir: string): StoredRun {
  const path = resolve(dir)
  const reader = new FolderReader(path, AGAIN)
  const manifest = reader.record(MANIFEST)
  const [pilot, certificate] = [reader.record(PILOT), reader.record(CERTIFICATE)]
  const [trials, blocks] = [reader.lines(TRIALS), reader.lines(BLOCKS)]
  reader.requireAll()
  reader.throwIfAny()
  if (manifest === null) throw nothingWritten(path)
  return {
    dir: path,
    manifest,
    pilot,
    certificate,
    trials,
    blocks,
    histograms: storedHistograms(path, reader),
    notes: reader.notes(),
  }
}

function storedHistograms(dir: string, reader?: FolderReader): HistogramReader {
  return histogramReader(HISTOGRAMS, () => reader ?? new FolderReader(dir, AGAIN))
}

function nothingWritten(path: string): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected a results folder with a manifest.json, got ${path}${existsSync(path) ? '' : ', which does not exist'}.`,
    hint: 'Results are written by `forkwise compare`, by default into results/.',
  })
}
