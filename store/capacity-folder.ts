import { join, resolve } from 'node:path'
import { type CapacityMeasurement, SEARCH_BLOCK } from '../core/capacity.ts'
import { ForkwiseError } from '../core/errors.ts'
import { LatencyHistogram } from '../core/histogram.ts'
import { type CapacityResults, MEASUREMENT, MEASUREMENT_NAME, RESULTS } from './capacity-files.ts'
import { MANIFEST } from './comparison-files.ts'
import { FolderReader } from './folder-reader.ts'
import { kindOfFolder, namesIn } from './folder-kind.ts'
import { ResultsFolder, type WhichTexts } from './folder.ts'
import { damaged } from './histograms.ts'

const AGAIN = "forkwise capacity cluster --slo 'p99<200ms'"

/** The results folder of a capacity command: one file for each measurement, whole at every moment, and the result. */
export class CapacityFolder {
  readonly #folder: ResultsFolder

  private constructor(folder: ResultsFolder) {
    this.#folder = folder
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): CapacityFolder {
    return new CapacityFolder(ResultsFolder.create(dir))
  }

  /** An existing folder, to write reports into. */
  static open(dir: string): CapacityFolder {
    return new CapacityFolder(ResultsFolder.open(dir))
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.#folder.dir
  }

  /** Whether nothing was written; a folder that this run made is removed then. */
  discardEmpty(): boolean {
    return this.#folder.discardEmpty()
  }

  /** Keeps a measurement in place of the one before it of the same model and workload. */
  keep(measurement: CapacityMeasurement): void {
    this.#folder.writeRecord(MEASUREMENT, measurement, `measurement-${measurement.model}-${measurement.workload}.json`)
  }

  /** Writes a result, and notes that the run is over. */
  write<N extends keyof CapacityResults>(name: N, result: CapacityResults[N]): void {
    const file = RESULTS[name]
    this.#folder.writeRecord(file, result)
    const measurements = namesIn(this.dir).filter((each) => MEASUREMENT_NAME.test(each))
    this.#folder.seal([file, ...measurements.map((each) => ({ name: each, lines: false }))])
  }

  /** Writes texts, e.g. `report.md`, all or those that are missing. */
  writeTexts(texts: Readonly<Record<string, () => string>>, which: WhichTexts): void {
    this.#folder.writeTexts(texts, which)
  }
}

/**
 * Reads the measurements of results folders; those of the same model, workload, machine and Node are put together. Throws one
 * RESULT_INVALID error for all folders that hold none or cannot be read.
 */
export function readMeasurements(dirs: readonly string[]): CapacityMeasurement[] {
  const problems: { message: string; hint: string }[] = []
  const found = new Map<string, CapacityMeasurement>()
  for (const dir of dirs) {
    try {
      for (const measurement of measurementsOf(resolve(dir))) {
        const { model, workload, machine, node = machine.node } = measurement
        const key = `${model} ${workload} ${machine.id} ${node}`
        const other = found.get(key)
        found.set(key, other === undefined ? measurement : merged(other, measurement))
      }
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      problems.push(...thrown.problems.map(({ message, hint = '' }) => ({ message, hint })))
    }
  }
  if (problems.length > 0) throw new ForkwiseError('RESULT_INVALID', problems)
  return [...found.values()]
}

/** Reads the measurements in a folder; those that are damaged are noted with the reader. */
export function readMeasurementFiles(reader: FolderReader): CapacityMeasurement[] {
  const names = namesIn(reader.dir).filter((name) => MEASUREMENT_NAME.test(name))
  return names.flatMap((name) => {
    const measurement = reader.record(MEASUREMENT, name)
    if (measurement === null) return []
    noteDamagedHistograms(measurement, join(reader.dir, name), reader)
    return [measurement]
  })
}

/** Two measurements of the same thing as one; blocks of the second get numbers of their own, but for searches. */
function merged(first: CapacityMeasurement, second: CapacityMeasurement): CapacityMeasurement {
  const last = Math.max(0, ...[...first.saturations, ...first.rates, ...first.routes].map(({ block }) => block))
  const renumbered = <T extends { readonly block: number }>(items: readonly T[]): T[] =>
    items.map((item) =>
      Object.assign({}, item, { block: item.block === SEARCH_BLOCK ? SEARCH_BLOCK : item.block + last }),
    )
  return {
    ...first,
    routes: [...first.routes, ...renumbered(second.routes)],
    saturations: [...first.saturations, ...renumbered(second.saturations)],
    rates: [...first.rates, ...renumbered(second.rates)],
    dependencyPerS: second.dependencyPerS ?? first.dependencyPerS,
  }
}

function measurementsOf(path: string): CapacityMeasurement[] {
  const kind = kindOfFolder(path)
  if (kind === 'comparison') throw comparisonOnly(path)
  const reader = new FolderReader(path, AGAIN)
  const measurements = readMeasurementFiles(reader)
  reader.throwIfAny()
  if (measurements.length > 0) return measurements
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected a results folder with measurements, got ${path}, which holds none.`,
    hint: `Measure first: ${AGAIN}`,
  })
}

function noteDamagedHistograms(measurement: CapacityMeasurement, path: string, reader: FolderReader): void {
  for (const member of ['routes', 'rates'] as const) {
    for (const [index, { histogram }] of measurement[member].entries()) {
      try {
        LatencyHistogram.fromBase64(histogram)
      } catch (thrown) {
        const { message } = damaged(path, `${member}[${index}].histogram`, thrown)
        reader.add(message)
      }
    }
  }
}

function comparisonOnly(path: string): ForkwiseError {
  const reader = new FolderReader(path, 'forkwise compare')
  const { models = [], workloads = [] } = reader.record(MANIFEST)?.plan ?? {}
  const measure = (workload: string): string =>
    `forkwise plan --models ${models.join(',') || 'cluster'} --workload ${workload} --rate … --slo …`
  return new ForkwiseError('RESULT_INVALID', {
    message:
      `Expected results of \`scale\`, \`capacity\` or \`plan\`, got ${path}, a comparison. It has one worker count and one rate; ` +
      'a plan needs what a request takes that meets no other, throughput at more than one worker count, and latency at ' +
      'three rates or more.',
    hint: `Measure that, without \`--from\`: ${(workloads.length > 0 ? workloads : ['cpu']).map(measure).join('; ')}`,
  })
}
