import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { CapacityMeasurement } from '../core/capacity.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { parseResultJson } from '../core/estimate.ts'
import type { CapacityFindings, ScaleResult } from './capacity-findings.ts'
import { readMeasurements } from './capacity-folder.ts'

/** The files of results that a folder may have, with what each must say it is. */
const FILES = {
  scale: 'forkwise/scale@1',
  capacity: 'forkwise/capacity@1',
  plan: 'forkwise/plan@1',
  validation: 'forkwise/validation@1',
} as const

type Kind = keyof typeof FILES

/** True for a results folder of `scale`, `capacity`, `plan` or `validate-plan`. */
export function isCapacityFolder(dir: string): boolean {
  return (
    !existsSync(join(dir, 'manifest.json')) && Object.keys(FILES).some((kind) => existsSync(join(dir, `${kind}.json`)))
  )
}

/** Reads all that such a folder holds. Throws RESULT_INVALID when a file is torn or of another version. */
export function readCapacityFindings(dir: string): CapacityFindings {
  const path = resolve(dir)
  const scale = readResult(path, 'scale') as ScaleResult | null
  const capacity = readResult(path, 'capacity') as CapacityFindings['capacity']
  const plan = readResult(path, 'plan') as CapacityFindings['plan']
  const validation = readResult(path, 'validation') as CapacityFindings['validation']
  const measurements = measurementsOf(path)
  return {
    id: basename(path),
    machine: scale?.machine ?? capacity?.machine ?? measurements[0]?.machine ?? {},
    scale,
    capacity,
    plan,
    validation,
    measurements,
  }
}

function measurementsOf(path: string): CapacityMeasurement[] {
  try {
    return readMeasurements([path])
  } catch {
    return []
  }
}

function readResult(path: string, kind: Kind): unknown {
  const file = join(path, `${kind}.json`)
  if (!existsSync(file)) return null
  let value: { readonly schema?: unknown } | null
  try {
    value = parseResultJson(readFileSync(file, 'utf8')) as { readonly schema?: unknown } | null
  } catch (thrown) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected ${file} to be readable, got: ${messageOf(thrown)}.`,
      hint: 'The file is torn or not of Forkwise. Measure again.',
    })
  }
  if (value?.schema === FILES[kind]) return value
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected ${file} to be "${FILES[kind]}", got ${JSON.stringify(value?.schema) ?? 'no schema'}.`,
    hint: 'A newer Forkwise may have written it: read it with that one.',
  })
}
