import type { BlockRecord, Certificate, Manifest, PilotRecord, TrialRecord } from '../core/records.ts'
import type { TrialHistograms } from './histograms.ts'
import { manifestOfFirst, trialOfFirst } from './comparison-first-version.ts'
import { blockRecord, certificate, firstManifest, manifest, pilotRecord, trialHistograms } from './shapes/comparison.ts'
import { firstTrial, trialRecord } from './shapes/trial.ts'
import { type JsonFile, type LinesFile, olderVersion } from './stored-file.ts'

/** What is known of a comparison before its first trial. */
export const MANIFEST: JsonFile<Manifest> = {
  name: 'manifest.json',
  tag: 'forkwise/manifest@2',
  lines: false,
  shape: manifest,
  older: olderVersion('forkwise/manifest@1', firstManifest, manifestOfFirst),
}

/** What the pilot found. */
export const PILOT: JsonFile<PilotRecord> = {
  name: 'pilot.json',
  tag: 'forkwise/pilot@1',
  lines: false,
  shape: pilotRecord,
}

/** The calibration of the machine, as it was when the run began. */
export const CERTIFICATE: JsonFile<Certificate> = {
  name: 'certificate.json',
  tag: 'forkwise/certificate@1',
  lines: false,
  shape: certificate,
}

/** The trials, without histograms. */
export const TRIALS: LinesFile<TrialRecord> = {
  name: 'trials.ndjson',
  tag: 'forkwise/trial@2',
  lines: true,
  shape: trialRecord,
  older: olderVersion('forkwise/trial@1', firstTrial, trialOfFirst),
}

/** What the gates said of each block. */
export const BLOCKS: LinesFile<BlockRecord> = {
  name: 'blocks.ndjson',
  tag: 'forkwise/block@1',
  lines: true,
  shape: blockRecord,
}

/** The histograms, a file for each trial in this folder. */
export const HISTOGRAMS: JsonFile<TrialHistograms> = {
  name: 'histograms',
  tag: 'forkwise/histograms@1',
  mayLackTag: true,
  lines: false,
  shape: trialHistograms,
}
