import { basename, resolve } from 'node:path'
import { type OutsideData, readOutsideData } from '../../analysis/capacity/scaling/outside-data.ts'
import { outsideScaling } from '../../analysis/capacity/scaling/scaling.ts'
import { ForkwiseError, ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { quoted } from '../../core/quotes.ts'
import { forkwiseVersion } from '../../core/version.ts'
import type { ScaleResult } from '../../store/capacity-findings.ts'
import { CapacityFolder } from '../../store/capacity-folder.ts'
import type { CapacityManifest } from '../../store/capacity-record.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { Emit } from '../events.ts'
import { readText } from '../resolution/text-file.ts'
import type { CapacityOutcome } from './measuring-run.ts'

/** A scaling law through what was measured elsewhere. */
export interface OutsideScaleRequest {
  /** Absolute path of the table. */
  readonly fromCsv: string
  /** How the option of the table is called where it was given. */
  readonly name: string
  readonly ratePerS: number | null
  /** Folder for the results; null = a new one below `results/`. */
  readonly out: string | null
  readonly options: CapacityManifest['options']
}

/** A table that was read. */
export interface PreparedOutsideScale extends Omit<OutsideScaleRequest, 'fromCsv' | 'name'> {
  readonly source: 'csv'
  /** Name of the file. */
  readonly file: string
  readonly data: OutsideData
}

/** Reads the table; throws USAGE when it cannot be read, with all that is wrong in it. */
export function prepareOutsideScale({ fromCsv, name, ...request }: OutsideScaleRequest): PreparedOutsideScale {
  const file = basename(fromCsv)
  const problems = new ProblemList()
  const text = readText(fromCsv, name, problems)
  problems.throwIfAny('USAGE')
  const data = readOutsideData(text ?? '', file)
  if (data.axis === 'concurrency' && request.ratePerS !== null) {
    throw new ForkwiseError('USAGE', {
      message: `Expected a column of worker counts in ${file} to say how many a rate needs, got concurrency.`,
      hint: 'Leave the rate out: the law then says where throughput ends.',
    })
  }
  return { ...request, source: 'csv', file, data }
}

/** Fits the scaling law to the table and keeps the result; throws FOLDER_UNWRITABLE. */
export function fitOutside(
  { file, data, ratePerS, out, options }: PreparedOutsideScale,
  emit: Emit,
): CapacityOutcome<ScaleResult> {
  const id = newRunId('scale')
  const machine = machineFacts()
  const folder = CapacityFolder.create(resolve(out ?? newRunDir(id)), {
    schema: 'forkwise/capacity-manifest@1',
    id,
    createdAt: new Date().toISOString(),
    forkwiseVersion: forkwiseVersion(),
    experiment: 'scale',
    machine,
    options,
  })
  emit({ type: 'run-started', experiment: 'scale', id, dir: folder.dir, steps: null, expectedS: null })
  if (data.unused.length > 0) {
    const text = `${file}: columns not used: ${data.unused.map((heading) => quoted(heading)).join(', ')}.`
    emit({ type: 'note', level: 'info', text })
  }
  const result: ScaleResult = {
    schema: 'forkwise/scale@1',
    id,
    machine,
    seed: null,
    readFrom: file,
    barePerS: null,
    models: data.series.map((series) => outsideScaling(series, data.axis, file, ratePerS)),
  }
  folder.finish('scale.json', result)
  return { dir: folder.dir, result }
}
