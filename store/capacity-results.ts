import { basename, resolve } from 'node:path'
import { countText } from '../analysis/wording.ts'
import { ForkwiseError } from '../core/errors.ts'
import type { CapacityFindings } from './capacity-findings.ts'
import type { CapacityManifest } from './capacity-record.ts'
import { CAPACITY_MANIFEST, RESULTS } from './capacity-files.ts'
import { readMeasurementFiles } from './capacity-folder.ts'
import { kindOfFolder } from './folder-kind.ts'
import { FolderReader } from './folder-reader.ts'

/** True for a results folder of `scale`, `capacity`, `plan` or `validate-plan`. Throws RESULT_INVALID when it is no folder. */
export function isCapacityFolder(dir: string): boolean {
  return kindOfFolder(dir) === 'capacity'
}

/** Reads all that such a folder holds. Throws RESULT_INVALID, with everything that is wrong, or when there is no result. */
export function readCapacityFindings(dir: string): CapacityFindings {
  const path = resolve(dir)
  const reader = new FolderReader(path, 'forkwise capacity, scale, plan or validate-plan')
  const manifest = reader.record(CAPACITY_MANIFEST)
  const scale = reader.record(RESULTS['scale.json'])
  const capacity = reader.record(RESULTS['capacity.json'])
  const plan = reader.record(RESULTS['plan.json'])
  const validation = reader.record(RESULTS['validation.json'])
  const measurements = readMeasurementFiles(reader)
  reader.requireAll()
  reader.throwIfAny()
  if (scale === null && capacity === null && plan === null && validation === null) {
    throw interrupted(path, measurements.length, manifest)
  }
  return {
    id: basename(path),
    machine: scale?.machine ?? capacity?.machine ?? manifest?.machine ?? measurements[0]?.machine ?? {},
    scale,
    capacity,
    plan,
    validation,
    measurements,
    notes: reader.notes(),
  }
}

function interrupted(path: string, measurements: number, manifest: CapacityManifest | null): ForkwiseError {
  const plan = `Plan with them, if they suffice: npx forkwise plan --from ${path} --rate 900 --slo 'p99<200ms'`
  return new ForkwiseError('RESULT_INVALID', {
    message: `Expected ${path} to hold the result of scale, capacity, plan or validate-plan, got ${measurements === 0 ? 'none' : `${countText(measurements, 'measurement')} of a run that stopped before it`}.`,
    hint: manifest === null ? plan : `Go on with: npx forkwise ${manifest.experiment} --resume ${path}`,
  })
}
