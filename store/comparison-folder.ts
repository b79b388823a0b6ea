import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { resultJson } from '../core/estimate.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { makeFolders } from '../core/folders.ts'
import { LatencyHistogram } from '../core/histogram.ts'
import type { LoadRecord } from '../core/load.ts'
import { formatBytes } from '../core/quantities.ts'
import type {
  BlockRecord,
  Certificate,
  Manifest,
  PilotRecord,
  Result,
  SliceRecord,
  TrialRecord,
} from '../core/records.ts'
import { makeNewFolder } from './new-folder.ts'
import { unwritable } from './unwritable.ts'

/** Which slice of a trial. */
export type SliceName = 'saturation' | 'latency'

/** The histograms of one slice, HdrHistogram V2 in base64. */
interface StoredHistograms {
  readonly histogram: string
  readonly serviceHistogram: string
  readonly routes: Readonly<Record<string, string>>
}

/** Everything a results folder holds that texts, tables and plots are made from. */
export interface StoredRun {
  readonly dir: string
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  readonly certificate: Certificate | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
  /** True when the last line of a file was cut off by a crash and dropped. */
  readonly torn: boolean
  /** The histogram of a slice, or of one route of it; null where none was kept. */
  readonly histograms: (trialId: string, slice: SliceName, route?: string) => LatencyHistogram | null
}

/** Writes a results folder, piece by piece, so that a run that dies keeps all it has finished. */
export class RunStore {
  readonly dir: string
  readonly #trials: TrialRecord[]
  readonly #blocks: BlockRecord[]
  #manifest: Manifest | null
  #pilot: PilotRecord | null
  #certificate: Certificate | null
  readonly #histograms: StoredRun['histograms']

  private constructor(dir: string, run: StoredRun | null) {
    this.dir = dir
    this.#trials = [...(run?.trials ?? [])]
    this.#blocks = [...(run?.blocks ?? [])]
    this.#manifest = run?.manifest ?? null
    this.#pilot = run?.pilot ?? null
    this.#certificate = run?.certificate ?? null
    this.#histograms = run?.histograms ?? histogramReader(dir)
  }

  /** What was kept so far, without reading it again. Throws RESULT_INVALID before the manifest is written. */
  run(): StoredRun {
    if (this.#manifest === null) throw damaged(join(this.dir, 'manifest.json'), 'it was not written yet')
    return {
      dir: this.dir,
      manifest: this.#manifest,
      pilot: this.#pilot,
      certificate: this.#certificate,
      trials: this.#trials,
      blocks: this.#blocks,
      torn: false,
      histograms: this.#histograms,
    }
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): RunStore {
    const path = resolve(dir)
    makeNewFolder(path, 'Choose another folder, or go on with that run: forkwise compare --resume DIR.')
    try {
      makeFolders(join(path, 'histograms'))
      writeFileSync(join(path, 'trials.ndjson'), '')
      writeFileSync(join(path, 'blocks.ndjson'), '')
    } catch (thrown) {
      throw unwritable(path, thrown)
    }
    return new RunStore(path, null)
  }

  /** Opens the folder of a run that stopped, cutting off a torn last line. */
  static resume(run: StoredRun): RunStore {
    const store = new RunStore(run.dir, run)
    if (run.torn) {
      store.#replace('trials.ndjson', run.trials.map((trial) => `${JSON.stringify(trial)}\n`).join(''))
      store.#replace('blocks.ndjson', run.blocks.map((block) => `${JSON.stringify(block)}\n`).join(''))
    }
    return store
  }

  /** Writes manifest.json. */
  writeManifest(manifest: Manifest): void {
    this.#replace('manifest.json', pretty(manifest))
    this.#manifest = manifest
  }

  /** Writes pilot.json. */
  writePilot(pilot: PilotRecord): void {
    this.#replace('pilot.json', pretty(pilot))
    this.#pilot = pilot
  }

  /** Copies the calibration's certificate into the run. */
  writeCertificate(certificate: Certificate): void {
    this.#replace('certificate.json', pretty(certificate))
    this.#certificate = certificate
  }

  /** Keeps a finished trial: its histograms first, then its line. */
  appendTrial(trial: TrialRecord): void {
    if (trial.outcome !== 'failed') {
      const { saturation, latency } = trial
      this.#replace(
        join('histograms', `${trial.id}.json`),
        JSON.stringify({
          saturation: storedHistograms(saturation.load),
          ...(latency === null ? {} : { latency: storedHistograms(latency.load) }),
        }),
      )
    }
    const record = withoutHistograms(trial)
    this.#append('trials.ndjson', record)
    this.#trials.push(record)
  }

  /** Keeps what the gates said of a block. */
  appendBlock(block: BlockRecord): void {
    this.#append('blocks.ndjson', block)
    this.#blocks.push(block)
  }

  /** Writes result.json. */
  writeResult(result: Result): void {
    this.#replace('result.json', pretty(result))
  }

  /** Writes a text made from the run, e.g. report.md. */
  writeText(name: string, text: string): void {
    this.#replace(name, text)
  }

  #append(name: string, record: unknown): void {
    try {
      appendFileSync(join(this.dir, name), `${JSON.stringify(record)}\n`)
    } catch (thrown) {
      throw unwritable(this.dir, thrown)
    }
  }

  #replace(name: string, text: string): void {
    const path = join(this.dir, name)
    try {
      writeFileSync(`${path}.tmp`, text)
      renameSync(`${path}.tmp`, path)
    } catch (thrown) {
      throw unwritable(this.dir, thrown)
    }
  }
}

/** Reads a results folder; throws RESULT_INVALID, saying what is wrong, when it is not one that this version can read. */
export function readRun(dir: string): StoredRun {
  const path = resolve(dir)
  if (!existsSync(join(path, 'manifest.json'))) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected a results folder with a manifest.json, got ${path}${existsSync(path) ? '' : ', which does not exist'}.`,
      hint: 'Results are written by `forkwise compare`, by default into results/.',
    })
  }
  const manifest = readJson<Manifest>(path, 'manifest.json', 'forkwise/manifest@1')
  const trials = readLines<TrialRecord>(path, 'trials.ndjson', 'forkwise/trial@1')
  const blocks = readLines<BlockRecord>(path, 'blocks.ndjson', 'forkwise/block@1')
  return {
    dir: path,
    manifest,
    pilot: readJsonIfThere<PilotRecord>(path, 'pilot.json', 'forkwise/pilot@1'),
    certificate: readJsonIfThere<Certificate>(path, 'certificate.json', 'forkwise/certificate@1'),
    trials: trials.records,
    blocks: blocks.records,
    torn: trials.torn || blocks.torn,
    histograms: histogramReader(path),
  }
}

/** Reads the histograms of a trial once they are asked for, and keeps them. */
function histogramReader(dir: string): StoredRun['histograms'] {
  const cache = new Map<string, Partial<Record<SliceName, StoredHistograms>>>()
  return (trialId, slice, route) => {
    let stored = cache.get(trialId)
    if (stored === undefined) {
      stored = readHistograms(dir, trialId)
      cache.set(trialId, stored)
    }
    const encoded = route === undefined ? stored[slice]?.histogram : stored[slice]?.routes[route]
    return encoded === undefined || encoded === '' ? null : LatencyHistogram.fromBase64(encoded)
  }
}

function storedHistograms(load: LoadRecord): StoredHistograms {
  return {
    histogram: load.histogram,
    serviceHistogram: load.serviceHistogram,
    routes: Object.fromEntries(load.routes.map((route) => [route.route, route.histogram])),
  }
}

/** A trial without the histograms of its slices, which are kept in a file of their own. */
export function withoutHistograms(trial: TrialRecord): TrialRecord {
  if (trial.outcome === 'failed') return trial
  const { saturation, latency } = trial
  return {
    ...trial,
    saturation: sliceWithoutHistograms(saturation),
    latency: latency === null ? null : sliceWithoutHistograms(latency),
  }
}

function sliceWithoutHistograms(slice: SliceRecord): SliceRecord {
  return {
    ...slice,
    load: {
      ...slice.load,
      histogram: '',
      serviceHistogram: '',
      routes: slice.load.routes.map((route) => ({ ...route, histogram: '' })),
    },
  }
}

function readHistograms(path: string, trialId: string): Partial<Record<SliceName, StoredHistograms>> {
  const file = join(path, 'histograms', `${trialId}.json`)
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<SliceName, StoredHistograms>>
  } catch (thrown) {
    throw damaged(file, messageOf(thrown))
  }
}

function readJsonIfThere<T extends { schema: string }>(path: string, name: string, schema: T['schema']): T | null {
  return existsSync(join(path, name)) ? readJson<T>(path, name, schema) : null
}

function readJson<T extends { schema: string }>(path: string, name: string, schema: T['schema']): T {
  const file = join(path, name)
  let value: T
  try {
    value = JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (thrown) {
    throw damaged(file, thrown instanceof SyntaxError ? 'it is not whole JSON' : messageOf(thrown))
  }
  requireSchema(file, value, schema)
  return value
}

function readLines<T extends { schema: string }>(
  path: string,
  name: string,
  schema: T['schema'],
): { records: T[]; torn: boolean } {
  const file = join(path, name)
  if (!existsSync(file)) return { records: [], torn: false }
  requireReadableSize(file)
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const rest = lines.pop() ?? ''
  const records = lines.map((line, i) => {
    try {
      const record = JSON.parse(line) as T
      requireSchema(`${file}, line ${i + 1}`, record, schema)
      return record
    } catch (thrown) {
      throw thrown instanceof ForkwiseError ? thrown : damaged(`${file}, line ${i + 1}`, messageOf(thrown))
    }
  })
  return { records, torn: rest !== '' }
}

/** About 50,000 trials; the records take several times as much memory, and Node has no text beyond 512 MiB. */
const MOST_BYTES = 256 * 2 ** 20

function requireReadableSize(file: string): void {
  const { size } = statSync(file)
  if (size <= MOST_BYTES) return
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected ${file} to have at most ${formatBytes(MOST_BYTES)}, got ${formatBytes(size)}.`,
    hint: 'No run that Forkwise plans is so long: the file is damaged, or several runs were put together in it.',
  })
}

function requireSchema(where: string, value: { schema?: unknown } | null, schema: string): void {
  const got = typeof value === 'object' && value !== null ? value.schema : undefined
  if (got === schema) return
  const family = schema.split('@')[0] ?? schema
  const newer = typeof got === 'string' && got.startsWith(`${family}@`)
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected ${where} to be "${schema}", got ${JSON.stringify(got) ?? 'no schema'}.`,
    hint: newer
      ? 'It was written by another version of Forkwise: read it with that version, or run the comparison again.'
      : 'This is not a file of Forkwise.',
  })
}

function damaged(where: string, why: string): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected ${where} to be readable, got: ${why}.`,
    hint: 'The file is damaged. A torn last line of trials.ndjson is mended by itself; anything else is not.',
  })
}

function pretty(value: unknown): string {
  return `${resultJson(value, 2)}\n`
}
