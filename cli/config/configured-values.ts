import { resolve } from 'node:path'
import type { Invocation } from '../command.ts'
import type { LoadedConfig } from './config-file.ts'

type Values = Invocation['values']

/** Options that speak of the same thing: one of them on the command line puts aside all of them in a configuration. */
const GROUPS: readonly (readonly string[])[] = [
  ['quick', 'budget', 'blocks'],
  ['path', 'workloads'],
  ['url', 'name', 'pid'],
]

/** The options of a command line, completed by what a configuration says where the command line is silent. */
export function completedValues(given: Values, { config, dir }: LoadedConfig): Values {
  const configured: Record<string, Values[string]> = {
    app: below(dir, config.app),
    path: config.paths,
    workloads: config.workloads?.map((workload) => (typeof workload === 'string' ? workload : workload.id)).join(','),
    models: typeof config.models === 'string' ? config.models : config.models?.join(','),
    url: config.servers?.map(({ url }) => url),
    name: config.servers?.map(({ name }) => name),
    pid: config.servers?.flatMap(({ name, pid }) => (pid === undefined ? [] : [`${name}=${pid}`])),
    workers: config.workers?.toString(),
    baseline: config.baseline,
    quick: config.quick === true ? true : undefined,
    budget: config.budget,
    blocks: config.blocks?.toString(),
    seed: config.seed?.toString(),
    out: below(dir, config.out),
    node: config.node?.includes('/') === true ? below(dir, config.node) : config.node,
    timeout: config.timeout,
    metrics: config.metrics === undefined ? undefined : config.metrics ? 'on' : 'off',
    prometheus: config.prometheus === true ? true : undefined,
    assert: config.assert,
    undecided: config.undecided,
    junit: below(dir, config.junit),
  }
  const silent = ([name, value]: [string, Values[string]]): boolean => {
    const group = GROUPS.find((names) => names.includes(name)) ?? [name]
    return value !== undefined && group.every((other) => given[other] === undefined)
  }
  return { ...Object.fromEntries(Object.entries(configured).filter(silent)), ...given }
}

function below(dir: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(dir, path)
}
