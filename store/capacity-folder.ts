import { join, resolve } from 'node:path'
import { type CapacityMeasurement, SEARCH_BLOCK } from '../core/capacity.ts'
import { ForkwiseError } from '../core/errors.ts'
import { LatencyHistogram } from '../core/histogram.ts'
import {
  CAPACITY_MANIFEST,
  type CapacityResults,
  COUNTS,
  MEASUREMENT,
  MEASUREMENT_NAME,
  RESULTS,
  SEARCHES,
} from './capacity-files.ts'
import type { CapacityManifest, CapacityRecord, FinishedSearch, TriedCount } from './capacity-record.ts'
import { MANIFEST } from './comparison-files.ts'
import { FolderReader } from './folder-reader.ts'
import { kindOfFolder, namesIn } from './folder-kind.ts'
import { ResultsFolder, type WhichTexts } from './folder.ts'
import { damaged } from './histograms.ts'
import { TIMELINE } from './timeline-file.ts'

const AGAIN = "forkwise capacity cluster --slo 'p99<200ms'"

/** The results folder of a capacity command: one file for each measurement, whole at every moment, and the result. */
export class CapacityFolder {
  readonly #folder: ResultsFolder

  private constructor(folder: ResultsFolder) {
    this.#folder = folder
  }

  /** Makes the folder of a new run; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string, manifest: CapacityManifest): CapacityFolder {
    const { experiment } = manifest
    const folder = ResultsFolder.create(
      dir,
      `Choose another folder, or go on with that run: forkwise ${experiment} --resume DIR.`,
    )
    folder.writeRecord(CAPACITY_MANIFEST, manifest)
    return new CapacityFolder(folder)
  }

  /** The folder of a run that is there, to go on with it or to write reports into it. */
  static open(dir: string): CapacityFolder {
    return new CapacityFolder(ResultsFolder.open(dir))
  }

  /** Absolute path of the folder. */
  get dir(): string {
    return this.#folder.dir
  }

  /** Whether nothing was measured; what this run made of the folder is removed then. */
  discardEmpty(): boolean {
    return this.#folder.discardEmpty([CAPACITY_MANIFEST.name, TIMELINE.name])
  }

  /** Keeps a measurement in place of the one before it of the same model and workload. */
  keep(measurement: CapacityMeasurement): void {
    this.#folder.writeRecord(MEASUREMENT, measurement, `measurement-${measurement.model}-${measurement.workload}.json`)
  }

  /** Keeps a search that is over; its trials are kept with the measurement. */
  appendSearch(search: FinishedSearch): void {
    this.#folder.append(SEARCHES, search)
  }

  /** Keeps a worker count that was tried out. */
  appendCount(count: TriedCount): void {
    this.#folder.append(COUNTS, count)
  }

  /** Writes a result that is not final. */
  write<N extends keyof CapacityResults>(name: N, result: CapacityResults[N]): void {
    this.#folder.writeRecord(RESULTS[name], result)
  }

  /** Writes a result, and notes that the run is over. */
  finish<N extends keyof CapacityResults>(name: N, result: CapacityResults[N]): void {
    this.write(name, result)
    const measurements = namesIn(this.dir).filter((each) => MEASUREMENT_NAME.test(each))
    this.#folder.seal([
      CAPACITY_MANIFEST,
      SEARCHES,
      COUNTS,
      RESULTS[name],
      ...measurements.map((each) => ({ name: each, lines: false })),
    ])
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

/**
 * Reads what a run had finished when it stopped. Throws RESULT_INVALID, with everything that is wrong, or when the folder
 * is no such run or of a version that kept no manifest.
 */
export function readCapacityRecord(dir: string): CapacityRecord {
  const path = resolve(dir)
  const kind = kindOfFolder(path)
  const reader = new FolderReader(path, AGAIN)
  const manifest = kind === 'capacity' ? reader.record(CAPACITY_MANIFEST) : null
  const measurements = readMeasurementFiles(reader)
  const [searches, counts] = [reader.lines(SEARCHES), reader.lines(COUNTS)]
  reader.requireAll()
  reader.throwIfAny()
  if (manifest !== null) return { dir: path, manifest, measurements, searches, counts }
  throw new ForkwiseError('RESULT_INVALID', {
    message: `Expected the folder of a run of scale, capacity, plan or validate-plan with a manifest.json, got ${path}${kind === null || kind === 'capacity' ? ' without one' : `, which holds a run of another kind (${kind})`}.`,
    hint: 'Start the run again.',
  })
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
