import { otherNodesSentence } from '../../analysis/node-versions.ts'
import { type CountRow, countsPass } from '../../analysis/capacity/planning/validation.ts'
import type { ServerModel } from '../../cluster/model.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import type { ValidationResult } from '../../store/capacity-findings.ts'
import { readMeasurements } from '../../store/capacity-folder.ts'
import type { Emit } from '../events.ts'
import { recordedModel } from '../recorded-model.ts'
import type { Run } from '../run.ts'
import { startRecordedRun } from '../timeline/recording.ts'
import {
  type HeldOutValidation,
  readSearchedRates,
  type SearchedRate,
  slicesOf,
  validateInPieces,
  validateSubject,
} from './held-out-validation.ts'
import { inPieces } from './in-pieces.ts'
import { type CapacityOutcome, interrupted, type MeasuringWorld, REAL_WORLD, withMeasuring } from './measuring-run.ts'
import { type MeasuringRequest, prepareMeasuring, type PreparedMeasuring } from './request.ts'
import { countsExpectedS, validateCounts } from './virtual-validation.ts'

/** A validation of models that are measured for it. */
export interface MeasuredValidationRequest extends MeasuringRequest {
  /** Seconds for each model. */
  readonly budgetS: number
  /** Worker counts of virtual servers to plan and try out; 0 = none. */
  readonly cases: number
}

/** A validation with results of `capacity`. */
export interface RecordedValidationRequest {
  readonly from: readonly string[]
  readonly seed: number
}

/** A validation that is ready to run: everything was checked, nothing was started. */
export type PreparedValidation = PreparedMeasuredValidation | PreparedRecordedValidation

interface PreparedMeasuredValidation
  extends PreparedMeasuring, Pick<MeasuredValidationRequest, 'models' | 'workload' | 'budgetS' | 'cases'> {
  readonly source: 'measuring'
}

interface PreparedRecordedValidation {
  readonly source: 'recorded'
  /** The folders, as the result names them. */
  readonly id: string
  readonly seed: number
  readonly measurements: readonly CapacityMeasurement[]
  readonly searched: readonly SearchedRate[]
}

/** Checks a validation; throws USAGE when the budget is too short for a model, PART_MISSING for models that cannot run. */
export async function prepareMeasuredValidation(asked: MeasuredValidationRequest): Promise<PreparedValidation> {
  const { models, workload, budgetS, cases } = asked
  for (const model of models) slicesOf(sizeOf(model), workload, asked)
  const prepared = await prepareMeasuring('validate-plan', asked)
  return { ...prepared, source: 'measuring', models, workload, budgetS, cases }
}

/** Reads what is to be validated; throws RESULT_INVALID when a folder holds no measurements. */
export function prepareRecordedValidation({ from, seed }: RecordedValidationRequest): PreparedValidation {
  const measurements = readMeasurements(from)
  return { source: 'recorded', id: from.join(','), seed, measurements, searched: readSearchedRates(from) }
}

/**
 * Holds predictions against measurements that they were not made from, and planned worker counts of virtual servers
 * against those that are needed. Rejects with INTERRUPTED or FOLDER_UNWRITABLE; a goal that is missed is a result.
 */
export function runValidation(
  prepared: PreparedValidation,
  signal: AbortSignal,
  world: MeasuringWorld = REAL_WORLD,
): Run<CapacityOutcome<ValidationResult>> {
  return startRecordedRun((emit) =>
    prepared.source === 'measuring'
      ? measureAndValidate(prepared, signal, emit, world)
      : validateRecorded(prepared, signal, emit),
  )
}

async function validateRecorded(
  { id, seed, measurements, searched }: PreparedRecordedValidation,
  signal: AbortSignal,
  emit: Emit,
): Promise<CapacityOutcome<ValidationResult>> {
  emit({ type: 'run-started', experiment: 'validate-plan', id, dir: null, steps: null, expectedS: null })
  try {
    const validated: HeldOutValidation[] = []
    for (const measurement of measurements) {
      const validation = await inPieces(validateInPieces(measurement, searched), signal, emit)
      emit({ type: 'model-validated', model: measurement.model, rows: validation.rows })
      validated.push(validation)
    }
    return { dir: null, result: resultOf(id, seed, validated, []) }
  } catch (thrown) {
    throw signal.aborted ? interrupted(null, 'validate-plan', thrown) : thrown
  }
}

function measureAndValidate(
  prepared: PreparedMeasuredValidation,
  signal: AbortSignal,
  emit: Emit,
  world: MeasuringWorld,
): Promise<CapacityOutcome<ValidationResult>> {
  const { models, workload, budgetS, cases, seed, judged } = prepared
  const started = { steps: null, expectedS: models.length * budgetS + countsExpectedS(cases) }
  return withMeasuring(prepared, { started, signal, emit, world }, async (run) => {
    const validated: HeldOutValidation[] = []
    for (const model of models) {
      validated.push(await validateSubject(run.subject(model, workload), { budgetS, seed }, run))
    }
    const counts = cases === 0 ? [] : await validateCounts(run, { cases, seed })
    const nodes = otherNodesSentence(
      judged.map((one) => recordedModel(one)),
      run.machine.node,
    )
    const result = resultOf(run.id, seed, validated, counts, nodes === null ? [] : [nodes])
    run.folder.finish('validation.json', result)
    return result
  })
}

function resultOf(
  id: string,
  seed: number,
  validated: readonly HeldOutValidation[],
  counts: readonly CountRow[],
  remarks: readonly string[] = [],
): ValidationResult {
  const rows = validated.flatMap((each) => each.rows)
  const notes = [...validated.flatMap((each) => each.notes), ...remarks]
  if (rows.length === 0 && validated.length > 0) {
    notes.push('No measurement could be compared with a prediction.')
  }
  const missed = rows.some((row) => !row.passed) || (counts.length > 0 && !countsPass(counts))
  const complete = validated.every((each) => each.complete && each.rows.length > 0)
  return { schema: 'forkwise/validation@1', id, seed, rows, counts, passed: !missed && complete, complete, notes }
}

function sizeOf({ fixedSize }: ServerModel): { readonly fixedSize: boolean } {
  return { fixedSize: fixedSize === true }
}
