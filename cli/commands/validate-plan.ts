import {
  countsPass,
  holdOut,
  predictHighestRate,
  validateLatency,
  validateRate,
  type HeldOut,
  type ValidationRow,
} from '../../analysis/capacity/validation.ts'
import { parseSlo, type LatencyGoal, type Slo } from '../../analysis/capacity/slo.ts'
import { simulateScenario, latencyS } from '../../analysis/capacity/scenario-simulation.ts'
import { serviceModelOf } from '../../analysis/capacity/service-model.ts'
import { EXIT, ProblemList } from '../../core/errors.ts'
import { parseCount, parseDurationS } from '../../core/quantities.ts'
import { modelSubject, type Subject } from '../../loadtest/capacity/subject.ts'
import { MEASURING_OPTIONS, readChoices, requireRunnable, type Choices } from '../capacity/choices.ts'
import { withMeasuring, type MeasuringRun } from '../capacity/measuring-run.ts'
import { searchRate } from '../capacity/rate-search.ts'
import { rateSlices } from '../capacity/rate-slices.ts'
import { validationText, type ValidationResult } from '../capacity/validation-text.ts'
import { validateCounts } from '../capacity/virtual-validation.ts'
import type { Command, Invocation, Terminal } from '../command.ts'
import { OptionReader } from '../options.ts'

/** Rates at which latency is measured, as shares of the throughput at saturation; every other one is known. */
const LOADS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8] as const

/** Load at which the objective of the highest rate is just met, as foretold. */
const KNEE_LOAD = 0.75

/** Shares of a model's budget: rates, and the search for each of two worker counts. */
const SHARES = { rates: 0.6, search: 0.2 } as const

interface ValidationTask {
  readonly choices: Choices
  readonly budgetS: number
  readonly cases: number
}

/** `forkwise validate-plan`: predictions against held-out measurements. */
export const command: Command = {
  name: 'validate-plan',
  summary: 'Hold the planner against reality: predict what was not measured, then measure it.',
  positionals: '[MODEL…]',
  arity: [0, 30],
  description:
    'Measures a model (cluster unless named) with 1 and 2 workers at several rates, predicts half of it from the other half, and prints predicted, ' +
    'measured and error: the highest rate within 10 %, p99 at a load of at most 0.8 within 20 %. Then plans worker ' +
    'counts for virtual servers, whose workers are timers so that eight fit on two cores, and tries out how many are ' +
    'needed: exact or one more in nine of ten, too few in at most one of twenty. Exits with 5 when a goal is missed.',
  options: [
    { name: 'budget', type: 'string', value: '3m', help: 'Time for each model. Default: 3m.' },
    { name: 'cases', type: 'string', value: 'n', help: 'Worker counts to plan and try out; 0 = none. Default: 8.' },
    ...MEASURING_OPTIONS,
  ],
  examples: [
    { line: 'forkwise validate-plan', meaning: 'The whole check, about twelve minutes.' },
    { line: 'forkwise validate-plan cluster --cases 0 --budget 5m', meaning: 'Held-out rates of one model only.' },
  ],
  json: true,
  async run(invocation) {
    const task = await readTask(invocation)
    const { terminal, json } = invocation
    const result = await withMeasuring('validate-plan', task.choices, invocation, async (run) => {
      const rows: ValidationRow[] = []
      const notes: string[] = []
      for (const model of task.choices.models) {
        const subject = modelSubject(model, task.choices.workload, run.surroundings)
        const validated = await validateSubject(subject, task, run, terminal)
        rows.push(...validated.rows)
        notes.push(...validated.notes)
      }
      const counts =
        task.cases === 0 ? [] : await validateCounts(run, { cases: task.cases, seed: task.choices.seed }, terminal)
      const passed = rows.every((row) => row.passed) && (counts.length === 0 || countsPass(counts))
      const found: ValidationResult = {
        schema: 'forkwise/validation@1',
        id: run.id,
        seed: task.choices.seed,
        rows,
        counts,
        passed,
        notes,
      }
      run.folder.write('validation.json', found)
      return found
    })
    terminal.result(json ? JSON.stringify(result, null, 2) : validationText(result, terminal))
    return result.passed ? EXIT.ok : EXIT.threshold
  },
}

async function validateSubject(
  subject: Subject,
  { choices, budgetS }: ValidationTask,
  run: MeasuringRun,
  terminal: Terminal,
): Promise<{ rows: ValidationRow[]; notes: string[] }> {
  const counts = subject.fixedSize ? [1] : [1, 2]
  const slices = rateSlices(
    { workers: counts, rateWorkers: counts, loads: LOADS, seed: choices.seed },
    SHARES.rates * budgetS,
    choices.workload,
  )
  const [measurement] = await run.measure([subject], slices)
  if (measurement === undefined) return { rows: [], notes: [] }
  const parted = holdOut(measurement)
  const [goal] = parseSlo('p99<1s').latency
  const rows = goal === undefined ? [] : validateLatency(parted, goal)
  const slo = kneeObjective(parted, counts[0] ?? 1)
  for (const workers of counts) {
    const besideCpuS = generatorCpuS(parted, workers)
    const predictedPerS = predictHighestRate(parted.known, slo, workers, besideCpuS)
    const search = await searchRate(
      subject,
      {
        slo,
        workers,
        saturationPerS: predictedPerS / KNEE_LOAD,
        budgetS: SHARES.search * budgetS,
        width: 0.04,
        seed: choices.seed,
      },
      run,
      terminal,
    )
    const { passedPerS } = search.result
    if (passedPerS !== null) rows.push(validateRate(parted, slo, workers, passedPerS, besideCpuS))
  }
  const slicesMeasured = [...measurement.rates, ...measurement.saturations]
  const disturbed = slicesMeasured.filter((slice) => slice.disturbed.length > 0).length
  return {
    rows,
    notes:
      disturbed === 0
        ? []
        : [`Other programs disturbed ${disturbed} of ${slicesMeasured.length} slices of ${subject.model}.`],
  }
}

/** The objective that so many workers are foretold to meet just up to the knee. */
function kneeObjective({ known }: HeldOut, workers: number): Slo {
  const service = serviceModelOf(known)
  const busyS = service.busyS(workers).busyS.estimate
  const scenario = { workers, ratePerS: (KNEE_LOAD * workers) / busyS, cores: known.machine.cores }
  const goal: Pick<LatencyGoal, 'quantile'> = { quantile: 0.99 }
  const p99S = latencyS(simulateScenario(known, service, scenario, 1, { requests: 100_000, seed: 1 }), goal)
  return parseSlo(`p99<${(p99S * 1000).toPrecision(3)}ms`)
}

/** CPU that the generator takes beside the server for each request, in seconds. */
function generatorCpuS({ known, heldOut }: HeldOut, workers: number): number {
  const rates = [...known.rates, ...heldOut].filter((rate) => rate.workers === workers && rate.achievedPerS > 0)
  const total = rates.reduce((sum, rate) => sum + rate.generatorCores / rate.achievedPerS, 0)
  return rates.length === 0 ? 0 : total / rates.length
}

async function readTask(invocation: Invocation): Promise<ValidationTask> {
  const problems = new ProblemList()
  const options = new OptionReader(invocation.values, problems)
  const names = invocation.positionals.length > 0 ? invocation.positionals : ['cluster']
  const choices = await readChoices(names, invocation, problems)
  const budgetS = options.read('budget', parseDurationS, 180)
  const cases = options.read('cases', (text, option) => parseCount(text, option, 0, 200), 8)
  problems.throwIfAny('USAGE')
  await requireRunnable(choices)
  return { choices, budgetS, cases }
}
