import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { parseResultJson, resultJson } from '../../core/estimate.ts'
import { CapacityFolder, readMeasurements } from '../../store/capacity-folder.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { renderCapacityHtml } from '../../report/capacity/html.ts'
import { renderCapacityMarkdown } from '../../report/capacity/markdown.ts'
import type { Terminal } from '../command.ts'
import { capacityText } from '../../report/capacity/capacity-text.ts'
import { planText } from '../../report/capacity/plan-text.ts'
import { scaleText } from '../../report/capacity/scale-text.ts'
import { validationText, type ValidationResult } from '../../report/capacity/validation-text.ts'

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
  const scale = readResult(path, 'scale') as (CapacityFindings['scale'] & Pick<CapacityFindings, 'machine'>) | null
  const capacity = readResult(path, 'capacity') as CapacityFindings['capacity']
  const plan = readResult(path, 'plan') as CapacityFindings['plan']
  const validation = readResult(path, 'validation') as ValidationResult | null
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

/** Writes report.html and report.md into a folder that has a result; does nothing where there is none yet. */
export function writeCapacityReports(dir: string): void {
  if (!isCapacityFolder(dir)) return
  const findings = readCapacityFindings(dir)
  const folder = CapacityFolder.open(dir)
  folder.writeText('report.html', renderCapacityHtml(findings))
  folder.writeText('report.md', renderCapacityMarkdown(findings))
}

/** The same result for a terminal. */
export function capacityFindingsText(
  { scale, capacity, plan, validation }: CapacityFindings,
  terminal: Terminal,
): string {
  return [
    ...(scale === null ? [] : [scaleText(scale.models, terminal)]),
    ...(capacity === null ? [] : [capacityText(capacity, terminal)]),
    ...(plan === null ? [] : [planText(plan, plan.confirmations, terminal)]),
    ...(validation === null ? [] : [validationText(validation as ValidationResult, terminal)]),
  ].join('\n\n')
}

/** The results of a folder as JSON: the one that it has, or all of them by kind. */
export function capacityFindingsJson({ scale, capacity, plan, validation }: CapacityFindings): string {
  const found = Object.entries({ scale, capacity, plan, validation }).filter(([, result]) => result !== null)
  return resultJson(found.length === 1 ? found[0]?.[1] : Object.fromEntries(found), 2)
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
