import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SEARCH_BLOCK, type CapacityMeasurement } from '../core/capacity.ts'
import { resultJson } from '../core/estimate.ts'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { Manifest } from '../core/records.ts'
import { makeNewFolder } from './new-folder.ts'
import { unwritable } from './unwritable.ts'

const MEASUREMENT = /^measurement-.+\.json$/
const SCHEMA = 'forkwise/capacity-measurement@1'

/** The results folder of a capacity command: one file for each measurement, whole at every moment, and the result. */
export class CapacityFolder {
  readonly dir: string
  /** Whether this run made the folder, so that it may remove it. */
  readonly #isOwn: boolean

  private constructor(dir: string, isOwn: boolean) {
    this.dir = dir
    this.#isOwn = isOwn
  }

  /** Makes a new folder; throws FOLDER_UNWRITABLE when it cannot be written, USAGE when it already holds something. */
  static create(dir: string): CapacityFolder {
    const path = resolve(dir)
    const isOwn = !existsSync(path)
    makeNewFolder(path)
    return new CapacityFolder(path, isOwn)
  }

  /** An existing folder, to write reports into. */
  static open(dir: string): CapacityFolder {
    return new CapacityFolder(resolve(dir), false)
  }

  /** Whether nothing was written; a folder that this run made is removed then. */
  discardEmpty(): boolean {
    if (!existsSync(this.dir)) return true
    if (readdirSync(this.dir).length > 0) return false
    if (this.#isOwn) rmdirSync(this.dir)
    return true
  }

  /** Keeps a measurement in place of the one before it of the same model and workload. */
  keep(measurement: CapacityMeasurement): void {
    this.write(`measurement-${measurement.model}-${measurement.workload}.json`, measurement)
  }

  /** Writes a result, e.g. `scale.json`. */
  write(name: string, value: unknown): void {
    this.writeText(name, `${resultJson(value, 1)}\n`)
  }

  /** Writes a text, e.g. `report.md`. */
  writeText(name: string, text: string): void {
    const path = join(this.dir, name)
    try {
      writeFileSync(`${path}.tmp`, text)
      renameSync(`${path}.tmp`, path)
    } catch (thrown) {
      throw unwritable(this.dir, thrown)
    }
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
      for (const measurement of readFolder(resolve(dir))) {
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

function readFolder(path: string): CapacityMeasurement[] {
  if (!existsSync(path)) throw invalid(`Expected a results folder, got ${path}, which does not exist.`)
  if (!statSync(path).isDirectory()) throw invalid(`Expected a results folder, got ${path}, which is a file.`)
  const names = readdirSync(path).filter((name) => MEASUREMENT.test(name))
  if (names.length === 0) {
    const compared = comparedIn(path)
    if (compared !== null) throw comparisonOnly(path, compared)
    throw invalid(`Expected a results folder with measurements, got ${path}, which holds none.`)
  }
  return names.map((name) => readMeasurement(join(path, name)))
}

/** Models and workloads of the comparison that a folder holds; null when it holds none. */
function comparedIn(
  path: string,
): { readonly models: readonly string[]; readonly workloads: readonly string[] } | null {
  const file = join(path, 'manifest.json')
  if (!existsSync(file)) return null
  try {
    const { plan } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Pick<Manifest, 'plan'>>
    return { models: plan?.models ?? [], workloads: plan?.workloads ?? [] }
  } catch {
    return { models: [], workloads: [] }
  }
}

function comparisonOnly(
  path: string,
  { models, workloads }: NonNullable<ReturnType<typeof comparedIn>>,
): ForkwiseError {
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

function readMeasurement(file: string): CapacityMeasurement {
  let value: Partial<CapacityMeasurement> | null
  try {
    value = JSON.parse(readFileSync(file, 'utf8')) as Partial<CapacityMeasurement> | null
  } catch (thrown) {
    throw invalid(`Expected ${file} to be readable, got: ${messageOf(thrown)}.`)
  }
  if (value?.schema !== SCHEMA || !Array.isArray(value.saturations) || !Array.isArray(value.rates)) {
    throw invalid(`Expected ${file} to be "${SCHEMA}", got ${JSON.stringify(value?.schema) ?? 'no schema'}.`)
  }
  return value as CapacityMeasurement
}

function invalid(message: string): ForkwiseError {
  return new ForkwiseError('RESULT_INVALID', {
    message,
    hint: "Measure first: forkwise capacity cluster --slo 'p99<200ms'",
  })
}
