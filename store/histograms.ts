import { join } from 'node:path'
import { LatencyHistogram } from '../core/histogram.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { LoadRecord } from '../core/load.ts'
import type { SliceRecord, TrialRecord } from '../core/records.ts'
import type { FolderReader } from './folder-reader.ts'
import type { JsonFile } from './stored-file.ts'

/** Which slice of a trial. */
export type SliceName = 'saturation' | 'latency'

/** The histogram of a slice, or of one route of it; null where none was kept. Throws RESULT_INVALID. */
export type HistogramReader = (trialId: string, slice: SliceName, route?: string) => LatencyHistogram | null

/** The histograms of one slice, HdrHistogram V2 in base64. */
export interface StoredHistograms {
  readonly histogram: string
  readonly serviceHistogram: string
  readonly routes: Readonly<Record<string, string>>
}

/** histograms/<trial>.json: the histograms of one trial. */
export interface TrialHistograms {
  /** Absent in files of before 2026-11-26, like `trial`. */
  readonly schema?: 'forkwise/histograms@1'
  /** The trial they belong to. */
  readonly trial?: string
  readonly saturation: StoredHistograms
  readonly latency?: StoredHistograms
}

/** The histograms of a trial, for the file of their own; null for a trial that failed. */
export function histogramsOf(trial: TrialRecord): TrialHistograms | null {
  if (trial.outcome === 'failed') return null
  const { id, saturation, latency } = trial
  return {
    schema: 'forkwise/histograms@1',
    trial: id,
    saturation: stored(saturation.load),
    ...(latency === null ? {} : { latency: stored(latency.load) }),
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

/** Reads the histograms of a folder's trials once they are asked for, and keeps them. */
export function histogramReader(file: JsonFile<TrialHistograms>, openReader: () => FolderReader): HistogramReader {
  const cache = new Map<string, TrialHistograms | null>()
  let reader: FolderReader | null = null
  return (trialId, slice, route) => {
    reader ??= openReader()
    let found = cache.get(trialId)
    if (found === undefined) {
      found = readHistograms(reader, file, trialId)
      cache.set(trialId, found)
    }
    const histograms = found?.[slice]
    const encoded = route === undefined ? histograms?.histogram : histograms?.routes[route]
    if (encoded === undefined || encoded === '') return null
    try {
      return LatencyHistogram.fromBase64(encoded)
    } catch (thrown) {
      const member = route === undefined ? `${slice}.histogram` : `${slice}.routes.${route}`
      throw damaged(join(reader.dir, nameOf(file, trialId)), member, thrown)
    }
  }
}

/** The error of a histogram whose bytes are damaged: RESULT_INVALID. */
export function damaged(path: string, member: string, thrown: unknown): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected \`${member}\` of ${path} to be a histogram, got damaged bytes: ${messageOf(thrown)}`,
    hint: 'The file is damaged or was changed: restore it from a copy, or measure again.',
  })
}

function readHistograms(
  reader: FolderReader,
  file: JsonFile<TrialHistograms>,
  trialId: string,
): TrialHistograms | null {
  const name = nameOf(file, trialId)
  const found = reader.record(file, name)
  if (found === null && reader.hasChecksums) reader.add(`Expected ${join(reader.dir, name)}, got none.`)
  if (found?.trial !== undefined && found.trial !== trialId) {
    reader.add(`Expected \`trial\` of ${join(reader.dir, name)} to be ${trialId}, got ${found.trial}.`)
  }
  reader.throwIfAny()
  return found
}

function nameOf({ name: folder }: JsonFile<TrialHistograms>, trialId: string): string {
  return join(folder, `${trialId}.json`)
}

function stored(load: LoadRecord): StoredHistograms {
  return {
    histogram: load.histogram,
    serviceHistogram: load.serviceHistogram,
    routes: Object.fromEntries(load.routes.map((route) => [route.route, route.histogram])),
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
