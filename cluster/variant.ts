import { relative } from 'node:path'
import type { Variant } from '../core/records.ts'
import type { AppUnderTest, ServerModel, Size } from './model.ts'

/**
 * A server model as a variant has it: under the variant's name, with its own number of workers. What it runs, and with
 * which variables, is up to whoever launches it.
 */
export function variantModel(id: string, base: ServerModel, variant: Variant): ServerModel {
  const sized = (size: Size): Size => ({ ...size, workers: workersOf({ variant }, size.workers) })
  const differences = differencesOf(variant)
  return {
    ...base,
    id,
    title: differences.length === 0 ? base.title : `${base.title} (${differences.join(', ')})`,
    variant,
    topology: (size) => base.topology(sized(size)),
    ...(base.concurrency === undefined ? {} : { concurrency: (size: Size) => base.concurrency?.(sized(size)) ?? 0 }),
  }
}

/** The app of a variant; null for the built-in one. */
export function appOfVariant({ app, appStart }: Variant): AppUnderTest | null {
  if (app === undefined) return appStart ?? null
  return { module: app, ...appStart }
}

/** How many workers a model is started with where the comparison has `workers` of them. */
export function workersOf({ variant }: Pick<ServerModel, 'variant'>, workers: number): number {
  return variant?.workers ?? workers
}

function differencesOf({ app, appStart, workers, env = {}, python, ref }: Variant): string[] {
  const root = appStart?.cwd ?? process.cwd()
  return [
    ...(ref === undefined ? [] : [`revision ${ref.name}, ${ref.commit.slice(0, 9)}`]),
    ...(app === undefined ? [] : [relative(root, app)]),
    ...(workers === undefined ? [] : [workers === 1 ? '1 worker' : `${workers} workers`]),
    ...(python === undefined ? [] : [python]),
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ]
}
